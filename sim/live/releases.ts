import { FORMATS } from "../../modules/update/formats";
import { formatPoint, pointOfPkcs8 } from "../../tools/release/keys";
import { createManifest, signManifest } from "../../tools/release/manifest";
import { simImage } from "../boot/sim-image";
import { bundleFirmware } from "../device/firmware";
import { type BadRelease, spoil } from "../virtual/bad-release";
import type { ReleaseKind } from "./release-kinds";

export interface MadeRelease {
  readonly release: number;
  readonly image: Uint8Array;
  /** The offer. */
  readonly jws: string;
}

/** What is put in front of the bundle. */
const SPOILED: Partial<Record<ReleaseKind, BadRelease>> = {
  crashes: "crashes-at-once",
  "never-blue": "never-blue",
};

const OTHER_BOARD = "esp32/m5atom_lite";
const VALID_SECONDS = 90 * 86_400;

/** Builds and signs releases of the simulated board: this firmware, with a number of its own, good or bad. */
export class Releases {
  #key: Uint8Array;
  #newest = 0;

  /** @param key development key, PKCS#8 */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** What the simulated board has in `updateKeys`. */
  get updateKeys(): string[] {
    return [formatPoint(pointOfPkcs8(this.#key))];
  }

  async make(
    kind: ReleaseKind,
    { running, highest }: { readonly running: number; readonly highest: number },
    unixSeconds: number,
  ): Promise<MadeRelease> {
    const release = kind === "older" ? running - 1 : Math.max(highest, this.#newest) + 1;
    this.#newest = Math.max(this.#newest, release);
    const version = `0.1.0-${kind}.${release}`;
    const bundle = await bundleFirmware(unixSeconds, {
      updateKeys: this.updateKeys,
      release,
      firmwareVersion: version,
    });
    const how = SPOILED[kind];
    const image = simImage(how === undefined ? bundle : spoil(bundle, how));
    const manifest = createManifest({
      ...{ image, release, version, from: 1, floor: 1, formats: FORMATS },
      boards: [kind === "other-board" ? OTHER_BOARD : "simulator"],
      ...{ iat: unixSeconds, expires: unixSeconds + VALID_SECONDS },
    });
    return { release, image, jws: signManifest(manifest, this.#key) };
  }
}
