// Builds an application of tools/bench/xs on 32-bit XS, with what measures it linked into XS.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeFolder } from "../../base/lock.mjs";
import { BUILD, findSdk, ROOT } from "../../base/sdk.mjs";
import { buildXs } from "../../xs/build.mjs";
import { buildHost } from "../../xs/host/build.mjs";
import { findIa32 } from "../../xs/host/ia32.mjs";

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
 * What builds applications that include tools/bench/xs/manifest.json for `lane`, or why 32 bits cannot be had (a text).
 * `build` is given a manifest below the repository; one folder is for all: XS is compiled once.
 */
export function findBench(lane) {
  const native = findSdk();
  if (!native) return "no Moddable SDK ($MODDABLE is not set; docs/flashing.md says how to install it)";
  if (native.platform !== "lin") return "the headless host (tools/xs/host) is made for Linux";
  const out = join(BUILD, "xs-bench");
  const flags = WRAPPED.map((name) => `-Wl,--wrap=${name}`);
  const ia32 = findIa32(out, flags, native.env);
  if (typeof ia32 === "string") return ia32;
  takeFolder(out);
  startAnew(out, ia32.env.CC);
  const sdk = { ...native, env: ia32.env };
  return {
    out,
    run: ia32.run,
    host: buildHost(sdk, out),
    build: (manifest, ...config) =>
      buildXs({ sdk, lane, out, manifest: join(ROOT, manifest), options: ["-i"], config }),
  };
}

/** make does not see that another compiler, or the same with other options, made what lies there. */
function startAnew(out, compiler) {
  const note = join(out, "compiler");
  if (existsSync(note) && readFileSync(note, "utf8") === compiler) return;
  for (const folder of ["bin", "tmp"]) rmSync(join(out, folder), { recursive: true, force: true });
  writeFileSync(note, compiler);
}
