// mcconfig's TypeScript compiler (manifest.json, "typescript"): all modules of the build at once, and, unless it is a
// build for the debugger, made smaller for XS. Called as tsc is, for one module (`-p` and the configuration that mcconfig
// wrote for it): the first call compiles all, the others find theirs done. `--all FOLDER` does it before make asks.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { tryFolder } from "../base/lock.mjs";
import { BUILD } from "../base/sdk.mjs";
import { bringUpToDate, isUpToDate, touch } from "./compile/bring-up-to-date.mjs";
import { modulesFolderOf, outputOf } from "./compile/build-set.mjs";

const CACHE = process.env.AEROLINK_XS_CACHE ?? join(BUILD, "xs-cache");
const TSC = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
const POLL_MS = 20;

const [option, path] = process.argv.slice(2);
if (!path || (option !== "-p" && option !== "--all")) {
  console.error("usage: node tools/xs/compile.mjs -p tsconfig.json | --all folder-of-modules");
  process.exit(2);
}
const folder = option === "--all" ? resolve(path) : modulesFolderOf(path);
// mcconfig can have JavaScript checked too, with a configuration of its own.
if (!folder) process.exit(spawnSync(process.execPath, [TSC, "-p", path], { stdio: "inherit" }).status ?? 1);
const FAILED = join(folder, ".aerolink-failed");
const output = option === "-p" ? outputOf(path) : undefined;
const isFirst = option === "--all";

if (!isDone()) {
  take();
  // make asks for several at once: one of them says what is wrong.
  if (hasJustFailed()) process.exit(1);
  if (!isDone()) await compile();
}
if (output) touch(output);

function isDone() {
  return isUpToDate(folder, isFirst) && (!output || existsSync(output));
}

/** Whether another process has failed at this build since this one began. */
function hasJustFailed() {
  const failed = statSync(FAILED, { throwIfNoEntry: false });
  return failed !== undefined && failed.mtimeMs > performance.timeOrigin;
}

/** One process at a time compiles a build. */
function take() {
  if (process.env.AEROLINK_MAKING_AGAIN) {
    console.error("the sources changed while they were built: build once more");
    process.exit(1);
  }
  while (!tryFolder(folder)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
}

async function compile() {
  try {
    const unasked = await bringUpToDate(folder, CACHE, isFirst);
    if (output) makeAgain(unasked);
  } catch (error) {
    if (error.name !== "CompileError" && error.name !== "Refusal") throw error;
    console.error(error.message);
    writeFileSync(FAILED, "");
    process.exit(1);
  }
}

/**
 * make has looked at these before, and will not again in this run: what xsc makes of them is made by a make of its own.
 */
function makeAgain(modules) {
  const binaries = modules.filter((module) => module.output !== output && existsSync(module.binary));
  if (binaries.length === 0) return;
  if (process.platform === "win32") {
    for (const { binary } of binaries) rmSync(binary);
    console.error("a number changed that other modules have taken in: build once more");
    process.exit(1);
  }
  const makefile = join(dirname(folder), "makefile");
  // Variables given to make go on in MAKEFLAGS, after the dashes; its jobs do not.
  const variables = /(?:^| )-- .*$/.exec(process.env.MAKEFLAGS ?? "")?.[0] ?? "";
  const env = { ...process.env, MAKEFLAGS: variables, MFLAGS: "", AEROLINK_MAKING_AGAIN: "1" };
  const args = ["-f", makefile, ...binaries.map(({ binary }) => binary)];
  const { status } = spawnSync("make", args, { env, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
