// The SDK's `mc/config`: the manifest's `config` object, with what the build adds to it.
import manifest from "../../manifest.json" with { type: "json" };

declare global {
  /** When this bundle was made; sim/firmware.ts defines it. */
  var AEROLINK_BUILD_UNIX_SECONDS: number | undefined;
}

export default {
  ...manifest.config,
  buildUnixSeconds: globalThis.AEROLINK_BUILD_UNIX_SECONDS ?? manifest.config.buildUnixSeconds,
};
