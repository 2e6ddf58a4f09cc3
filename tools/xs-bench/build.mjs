// Builds an application of tools/xs-bench on 32-bit XS, with what measures it linked into XS.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeFolder } from "../lock.mjs";
import { BUILD, ROOT, sdkOrSkip } from "../sdk.mjs";
import { buildXs } from "../xs-build.mjs";
import { buildHost } from "../xs-host/build.mjs";
import { findIa32 } from "../xs-host/ia32.mjs";

/** Functions of XS that peak.c and static-heap.c stand before. */
const WRAPPED = [
  "fxNewSlot",
  "fxDuplicateSlot",
  "fxNewChunk",
  "fxNewGrowableChunk",
  "fxAllocateChunks",
  "fxAllocateSlots",
  "fxFreeChunks",
  "fxFreeSlots",
];

/**
 * Where applications are built for `lane`, or the end of the process in one line where 32 bits cannot be had. One folder
 * for all: XS is compiled once.
 */
export function benchOrSkip(lane) {
  const native = sdkOrSkip(lane);
  const skip = (why) => {
    console.log(`${lane}: skipped, ${why}`);
    process.exit(0);
  };
  if (native.platform !== "lin") skip("the headless host (tools/xs-host) is made for Linux");
  const out = join(BUILD, "xs-bench");
  takeFolder(out);
  const ia32 = findIa32(
    out,
    WRAPPED.map((name) => `-Wl,--wrap=${name}`),
    native.env,
  );
  if (typeof ia32 === "string") skip(ia32);
  startAnew(out, ia32.env.CC);
  const sdk = { ...native, env: ia32.env };
  return {
    out,
    run: ia32.run,
    host: () => buildHost(sdk, out),
    build: (name, ...config) =>
      buildXs({
        sdk,
        lane,
        out,
        manifest: join(ROOT, `tools/xs-bench/${name}/manifest.json`),
        options: ["-i"],
        config,
      }),
  };
}

/** make does not see that another compiler, or the same with other options, made what lies there. */
function startAnew(out, compiler) {
  const note = join(out, "compiler");
  if (existsSync(note) && readFileSync(note, "utf8") === compiler) return;
  for (const folder of ["bin", "tmp"]) rmSync(join(out, folder), { recursive: true, force: true });
  writeFileSync(note, compiler);
}
