// When a firmware was built, the same for the same sources: it is the floor under the device's clock.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { ROOT } from "../../base/sdk.mjs";

/** The module that carries it. */
export const BUILD_TIME_MODULE = "modules/time/build-time";
/** 2100-01-01: the clock believes no later time. */
const YEAR_2100 = 4_102_444_800;

/**
 * Unix seconds: SOURCE_DATE_EPOCH (reproducible-builds.org), else the commit's time, else that of the newest source.
 * @param {string[]} sources files
 * @throws {RangeError} for a SOURCE_DATE_EPOCH that is no time
 */
export function buildUnixSeconds(sources, { env = process.env, root = ROOT } = {}) {
  const asked = env.SOURCE_DATE_EPOCH;
  if (asked !== undefined && asked !== "") {
    const seconds = Number(asked);
    if (!/^\d+$/.test(asked) || seconds >= YEAR_2100)
      throw new RangeError(`SOURCE_DATE_EPOCH is ${asked}: not Unix seconds before 2100`);
    return seconds;
  }
  const { status, stdout } = spawnSync("git", ["-C", root, "log", "-1", "--format=%ct"], {
    encoding: "utf8",
  });
  const committed = status === 0 ? Number.parseInt(stdout, 10) : Number.NaN;
  if (committed > 0 && committed < YEAR_2100) return committed;
  return Math.floor(Math.max(0, ...sources.map((file) => statSync(file).mtimeMs)) / 1000);
}

/** `code` of the module, compiled, with the time in the place of what is in the sources. */
export function withBuildTime(code, seconds) {
  const dated = code.replace(/(BUILD_UNIX_SECONDS\s*=\s*)[\d_]+/, `$1${seconds}`);
  if (!dated.includes(`= ${seconds}`)) throw new Error(`${BUILD_TIME_MODULE} has no BUILD_UNIX_SECONDS`);
  return dated;
}
