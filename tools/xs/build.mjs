import { spawnSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { takeFolder } from "../base/lock.mjs";
import { ROOT } from "../base/sdk.mjs";
import { buildCommands } from "../base/simulator-platform.mjs";

const COMPILER = join(ROOT, "tools/xs/compile.mjs");

/**
 * Builds the application of `manifest` for the Moddable simulator in the folder `out`, taken until this process ends.
 * Says what is wrong and ends the process where it cannot be built. Returns the application's path.
 * `config`: name=value, over the manifest's. `env`: variables of the manifests (`AEROLINK_C`, docs/tls.md).
 * @param {{ sdk: import("../base/sdk.mjs").Sdk, lane: string, out: string, manifest: string, options?: string[], config?: string[], env?: Record<string, string> }} what
 */
export function buildXs({ sdk, lane, out, manifest, options = [], config = [], env = {} }) {
  takeFolder(out);
  const run = (command, ...args) => {
    const { status, stdout, stderr } = spawnSync(command, args, {
      env: { ...sdk.env, ...env },
      encoding: "utf8",
    });
    if (status === 0) return;
    console.error(`${stdout}${stderr}`.split("\n").filter(isNews).join("\n"));
    console.error(`${lane}: ${basename(command)} failed`);
    process.exit(1);
  };
  const kind = options.includes("-i") ? "instrument" : "release";
  const below = join(sdk.platform, "mc", kind, basename(dirname(manifest)));
  const build = join(out, "tmp", below);
  const { mcconfig, make, library } = buildCommands(sdk);
  run(...mcconfig, "-p", sdk.platform, "-o", out, ...options, manifest, ...config);
  // Before make asks for each module with a process of its own.
  run(process.execPath, COMPILER, "--all", join(build, "modules"));
  run(...make, join(build, "makefile"), "build");
  return join(out, "bin", below, library);
}

/** Not one of the lines "# cc …", "# tsc …" that say what is being built. */
function isNews(line) {
  return line !== "" && !line.startsWith("# ");
}
