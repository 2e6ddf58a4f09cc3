// Brings the compiled modules of a build to what a clean build would give, whichever of them make asked for.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isHoisted, leaveOut } from "../hoist/makefile.mjs";
import { makefileOf, readBuild } from "./build-set.mjs";
import { cached } from "./cache.mjs";
import { compileAll } from "./compile.mjs";
import { stampsOf, toolFiles } from "./fingerprint.mjs";

/** In the build's folder of modules: what its outputs were made of. */
const STATE = ".aerolink-compiled.json";

/**
 * Whether nothing that the outputs of the build in `folder` depend on has changed since they were written.
 * `isFirst`: before make.
 */
export function isUpToDate(folder, isFirst = false) {
  try {
    const { stamps, builtAt, preloads, leftOut } = JSON.parse(readFileSync(join(folder, STATE), "utf8"));
    const now = stampsOf(Object.keys(stamps));
    if (!Object.entries(stamps).every(([file, stamp]) => now[file] === stamp)) return false;
    // mcconfig writes its makefile anew, and then nothing is left out.
    if (leftOut && !isHoisted(makefileOf(folder))) return false;
    const build = readBuild(folder, isFirst);
    return build.builtAt === builtAt && String(build.preloads) === String(preloads);
  } catch {
    return false;
  }
}

/**
 * Writes each output of the build in `folder` that is not there or not what the sources make of it, and sets the
 * time of the others where make would take them for old.
 * @param {string} cache folder
 * @param {boolean} [isFirst] before make
 * @returns {Promise<import("./build-set.mjs").BuildModule[]>} those that changed although make had no reason to ask
 *   for them: a number that they take from another module did
 * @throws {import("./compile.mjs").CompileError}
 */
export async function bringUpToDate(folder, cache, isFirst = false) {
  const build = readBuild(folder, isFirst);
  // Stamps of before: what changes meanwhile is seen the next time.
  const own = [
    build.base,
    ...build.modules.map(({ source }) => source),
    ...[...build.readers, ...(build.scripts ?? [])].map(({ file }) => file),
  ];
  const before = stampsOf([...own, ...toolFiles()]);
  const { outputs, inputs, leftOut, one } = await cached(cache, build, compileAll);
  const isLeftOut = ({ name }) => leftOut?.includes(name);
  // A makefile that mcconfig writes anew has to ask for them.
  for (const { output } of build.modules.filter(isLeftOut)) rmSync(output, { force: true });
  const written = build.modules.filter((module) => !isLeftOut(module));
  const unasked = written.filter((module) => place(module, outputs[module.name], build.base));
  const stamps = { ...stampsOf(inputs), ...before };
  if (leftOut) leaveOut(makefileOf(folder), leftOut, one);
  const compiled = (leftOut ?? []).filter((name) => outputs[name]);
  const sizes = Object.fromEntries(compiled.map((name) => [name, outputs[name].code.length]));
  const { builtAt, preloads } = build;
  write(join(folder, STATE), JSON.stringify({ stamps, builtAt, preloads, leftOut, sizes }));
  return unasked;
}

/** Characters of each module that became part of another, by name, in the build in `folder`. */
export function sizesOf(folder) {
  return JSON.parse(readFileSync(join(folder, STATE), "utf8")).sizes;
}

/** @returns whether the output was there, newer than its source, and other than it has to be */
function place({ source, output }, { code, map }, base) {
  const at = timeOf(output);
  const isNew = at !== undefined && at >= timeOf(source) && at >= timeOf(base);
  const isSame = at !== undefined && readFileSync(output, "utf8") === code;
  if (map) placeMap(output, map);
  if (isSame && !isNew) touch(output);
  if (!isSame) write(output, code);
  return isNew && !isSame;
}

function placeMap(output, map) {
  const { sources, ...rest } = JSON.parse(map);
  const from = dirname(output);
  write(`${output}.map`, JSON.stringify({ ...rest, sources: sources.map((each) => relative(from, each)) }));
}

export function touch(file) {
  const now = new Date();
  utimesSync(file, now, now);
}

function timeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

/** Nobody reads half of it. */
function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}
