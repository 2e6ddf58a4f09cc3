// The Moddable SDK on this computer, for the lanes that need one. Without it a lane says so in one line and passes.
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Everything that the XS lanes make; ignored by git. */
export const BUILD = resolve(ROOT, "build");

/** mcconfig's names of computers. @type {Partial<Record<NodeJS.Platform, string>>} */
export const HOST_NAMES = { linux: "lin", darwin: "mac", win32: "win" };
const HOST = HOST_NAMES[process.platform];

/**
 * $MODDABLE, or where xs-dev installs the SDK.
 * @returns {{ root: string, platform: string, env: NodeJS.ProcessEnv } | undefined} `env` has the SDK's tools and
 * this repository's TypeScript compiler on its PATH; `platform` is mcconfig's name of this computer.
 */
export function findSdk(env = process.env) {
  for (const root of [env.MODDABLE, join(homedir(), ".local/share/moddable")]) {
    const bin = root && join(root, "build/bin", HOST ?? "", "release");
    if (!bin || !existsSync(bin) || !readdirSync(bin).some((name) => /^mcconfig(\.|$)/.test(name))) continue;
    const path = [join(ROOT, "node_modules/.bin"), bin, env.PATH].join(delimiter);
    return { root, platform: HOST, env: { ...env, MODDABLE: root, PATH: path } };
  }
  return undefined;
}

/** As {@link findSdk}; without an SDK prints why `lane` does not run, and ends the process well. */
export function sdkOrSkip(lane) {
  const sdk = findSdk();
  if (sdk) return sdk;
  console.log(
    `${lane}: skipped, no Moddable SDK ($MODDABLE is not set; docs/flashing.md says how to install it)`,
  );
  process.exit(0);
}
