// Results of builds, by the content of what they were made of.
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { contentsOf, hashOf, toolFiles } from "./fingerprint.mjs";

/** Four boards, the desktop's lanes, and as many again of the branch before. */
const MOST_ENTRIES = 24;

/**
 * The result of `build`, made by `make` unless a build before had the same sources, options and tools.
 * @param {string} folder the cache's
 * @returns {Promise<import("./compile.mjs").Compiled>}
 */
export async function cached(folder, build, make) {
  const { base, isDebug, modules, readers, preloads, scripts = [], builtAt } = build;
  const files = [
    base,
    ...modules.map(({ source }) => source),
    ...[...readers, ...scripts].map(({ file }) => file),
  ];
  const names = modules.map(({ name, source }) => [name, source]);
  const content = Object.values(contentsOf([...files, ...toolFiles()]));
  const path = join(folder, `${hashOf(JSON.stringify([isDebug, names, content, preloads, builtAt]))}.json`);
  const entry = read(path);
  if (entry) return entry;
  const made = await make(build);
  const result = { ...made, contents: contentsOf(made.inputs) };
  mkdirSync(folder, { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(result));
  renameSync(temporary, path);
  prune(folder);
  return result;
}

/** An entry whose other inputs (declarations, modules of types alone) are what they were. */
function read(path) {
  let entry;
  try {
    entry = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // Not there, or cut short by a power cut.
    return undefined;
  }
  const now = contentsOf(entry.inputs);
  if (entry.inputs.some((file) => now[file] !== entry.contents[file])) return undefined;
  utimesSync(path, new Date(), new Date());
  return entry;
}

function prune(folder) {
  const age = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const entries = readdirSync(folder).map((name) => join(folder, name));
  const oldest = entries.map((path) => ({ path, at: age(path) })).sort((a, b) => b.at - a.at);
  for (const { path } of oldest.slice(MOST_ENTRIES)) rmSync(path, { force: true });
}
