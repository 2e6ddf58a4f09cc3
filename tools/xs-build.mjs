import { spawnSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { takeFolder } from "./lock.mjs";

/**
 * Builds the application of `manifest` for the Moddable simulator in the folder `out`, taken until this process ends.
 * Says what is wrong and ends the process where it cannot be built. Returns the application's path.
 * `config`: name=value, over the manifest's.
 * @param {{ sdk: import("./sdk.mjs").Sdk, lane: string, out: string, manifest: string, options?: string[], config?: string[] }} what
 */
export function buildXs({ sdk, lane, out, manifest, options = [], config = [] }) {
  takeFolder(out);
  const args = ["-m", "-p", sdk.platform, "-t", "build", "-o", out, ...options, manifest, ...config];
  const { status, stdout, stderr } = spawnSync("mcconfig", args, { env: sdk.env, encoding: "utf8" });
  if (status !== 0) {
    console.error(`${stdout}${stderr}`.split("\n").filter(isNews).join("\n"));
    console.error(`${lane}: mcconfig failed`);
    process.exit(1);
  }
  const kind = options.includes("-i") ? "instrument" : "release";
  return join(out, "bin", sdk.platform, "mc", kind, basename(dirname(manifest)), "mc.so");
}

/** Not one of the lines "# cc …", "# tsc …" that say what is being built. */
function isNews(line) {
  return line !== "" && !line.startsWith("# ");
}
