// What an XS link (mc.xs.c and its folder) says about itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/sdk.mjs";
import { overlaid } from "../esp32/overlay.mjs";

/** Bytes. */
export const BUDGETS = { alias: 2 * 1024 };

/** Sizes on a 32-bit device: a slot, an entry of the key table with its colour, an alias. */
const SLOT = 16;
const KEY = 6;
const ALIAS = 4;

/** Figures of a linked application, from the C text that xsl wrote. Bytes, but for `slots` and `keys` (counts). */
export function measure(source) {
  const define = (name) => Number(source.match(new RegExp(`#define ${name} (\\d+)`))[1]);
  // Code of modules that are not preloaded, then that of functions: preloading leaves them as literals in slots.
  let bytecode = 0;
  const texts = new Set();
  for (const [, size] of source.matchAll(/^static const txU1 gxCode\d+\[(\d+)\];/gm))
    bytecode += Number(size);
  for (const [, kind, literal] of source.matchAll(/\.kind = (XS_\w+)\}.*?"((?:[^"\\]|\\.)*)"/g)) {
    if (kind.startsWith("XS_CODE")) bytecode += literalLength(literal);
    else texts.add(literal);
  }
  // The C compiler keeps equal literals once.
  let text = 0;
  for (const literal of texts) text += literalLength(literal) + 1;
  const slots = define("mxHeapCount") + define("mxStackCount");
  const keys = define("mxKeysCount");
  const creation = source
    .match(/^\t\{ ([\d, ]+)\},\n\t"[\w/]+",$/m)[1]
    .split(", ")
    .map(Number);
  const flash = bytecode + text + SLOT * slots + KEY * keys;
  return { bytecode, text, slots, keys, flash, alias: ALIAS * define("mxAliasCount"), creation };
}

/** Bytes that the inside of a C string literal stands for. */
function literalLength(literal) {
  return literal.replace(/\\x[0-9a-f]{2}|\\[0-7]{1,3}|\\./gi, "-").length;
}

/** What about the build in `folder` is not as the manifest and `sdkconfig/` ask, or over budget. `over`: the board's options. */
export function checkBuild(folder, projectFolder, manifest, figures, over = []) {
  const faults = [];
  const { chunk, heap, stack } = manifest.creation;
  const { nativeStack } = manifest.platforms.esp32.creation;
  const wanted = [chunk.initial, chunk.incremental, heap.initial, heap.incremental, stack];
  if (wanted.some((value, index) => figures.creation[index] !== value))
    faults.push(`creation is ${figures.creation.slice(0, wanted.length)}, the manifest says ${wanted}`);
  if (figures.creation.at(-1) !== nativeStack)
    faults.push(`native stack is ${figures.creation.at(-1)}, the manifest says ${nativeStack}`);
  if (figures.creation.at(-2) !== manifest.creation.static) faults.push("creation has a static heap");
  if (figures.alias > BUDGETS.alias)
    faults.push(`${figures.alias} bytes of aliases, budget ${BUDGETS.alias}`);

  const config = readFileSync(join(folder, "mc.config.js"), "utf8");
  if (/"rainbow": true/.test(config)) faults.push("the target's rainbow is on (config.led.rainbow)");

  const merged = options(readFileSync(join(projectFolder, "sdkconfig.mc"), "utf8"));
  const base = readFileSync(join(ROOT, "sdkconfig/sdkconfig.defaults"), "utf8");
  for (const [name, value] of options(over.reduce((text, each) => overlaid(text, each), base))) {
    // mcconfig writes an n that goes over a y as an empty value.
    const got = merged.get(name) || "n";
    if (got !== value) faults.push(`${name} is ${got}, sdkconfig/ says ${value}`);
  }
  const partitions = (path) => readFileSync(path, "utf8").trim();
  if (
    partitions(join(projectFolder, "partitions.csv")) !== partitions(join(ROOT, "sdkconfig/partitions.csv"))
  )
    faults.push("the partition table is not sdkconfig/partitions.csv");
  return faults;
}

function options(text) {
  return new Map([...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

/** Lines of the linker's output that warn of RAM or of something missing. */
export function unexplained(output) {
  return output
    .split("\n")
    .filter((line) => /: no const$|: not frozen$|^# warning|no modules match/.test(line));
}
