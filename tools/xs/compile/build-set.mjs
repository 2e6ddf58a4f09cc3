// The modules of one build, from the configurations that mcconfig wrote for its compiler: `tsconfig-base.json` in the
// build's folder of modules, and one for each TypeScript module, whose folder and name are those of the module.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { isHoisted, preloadsOf, scriptsOf } from "../hoist/makefile.mjs";
import { BUILD_TIME_MODULE, buildUnixSeconds } from "./build-time.mjs";

const SUFFIX = "-tsconfig.json";

/**
 * @typedef {object} BuildModule
 * @property {string} name as it is imported: "modules/clock", "embedded:provider/builtin"
 * @property {string} source
 * @property {string} output where mcconfig wants it as JavaScript
 * @property {string} binary what xsc makes of that
 */

/** The folder of modules that the configuration `project` of one module belongs to; undefined: it is another's. */
export function modulesFolderOf(project) {
  if (!project.endsWith(SUFFIX)) return undefined;
  const { extends: base } = JSON.parse(readFileSync(project, "utf8"));
  return base && basename(base) === "tsconfig-base.json" ? dirname(base) : undefined;
}

/**
 * @param {string} folder of modules: …/tmp/esp32/release/aerolink/modules
 * @param {boolean} [isFirst] make has not read its makefile yet, which may still leave modules out
 * @returns {{ folder: string, base: string, isDebug: boolean, modules: BuildModule[], readers: { name: string, file: string }[], preloads?: string[], scripts?: { name: string, file: string }[], builtAt?: number }}
 *   `readers`: JavaScript modules of the build for which there are no types, which import from the others as they are; `preloads`: what is preloaded,
 *   of a build whose modules become one, and all its JavaScript modules (`scripts`); `builtAt`: Unix seconds, of a build that has the module for it
 */
export function readBuild(folder, isFirst = false) {
  const base = join(folder, "tsconfig-base.json");
  const { paths } = JSON.parse(readFileSync(base, "utf8")).compilerOptions;
  const modules = [];
  const readers = [];
  const named = new Map(configurations(folder).map((project) => [nameOf(folder, project), project]));
  for (const [name, [path]] of Object.entries(paths)) {
    const project = named.get(name);
    // mcconfig leaves the configurations of modules that are gone.
    if (project && existsSync(`${path}.ts`)) modules.push(moduleOf(name, project));
    else if (existsSync(`${path}.js`)) readers.push({ name, file: `${path}.js` });
  }
  const isDebug = kindOf(folder) === "debug";
  const makefile = makefileOf(folder);
  const isOne = !isDebug && (isHoisted(makefile) || (isFirst && existsSync(makefile)));
  const one = isOne ? { preloads: preloadsOf(makefile), scripts: scriptsOf(makefile) } : {};
  return { folder, base, isDebug, modules, readers, ...one, ...timeOf(modules) };
}

export function makefileOf(folder) {
  return join(dirname(folder), "makefile");
}

/** @param {{ name: string, source: string }[]} modules */
export function timeOf(modules) {
  if (!modules.some(({ name }) => name === BUILD_TIME_MODULE)) return {};
  return { builtAt: buildUnixSeconds(modules.map(({ source }) => source)) };
}

/** Where mcconfig wants what the configuration `project` is for. */
export function outputOf(project) {
  const { compilerOptions, files } = JSON.parse(readFileSync(project, "utf8"));
  const { rootDir, outDir } = compilerOptions;
  return join(outDir, relative(rootDir, files[0]).replace(/\.ts$/, ".js"));
}

function* entries(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* entries(path);
    else yield path;
  }
}

function configurations(folder) {
  return [...entries(folder)].filter((path) => path.endsWith(SUFFIX));
}

function nameOf(folder, project) {
  const target = relative(folder, project).slice(0, -SUFFIX.length).split(sep).join("/");
  // mcconfig's folder of "embedded:" is "~.embedded".
  return target.replace(/^~\.([^/]+)\//, "$1:");
}

function moduleOf(name, project) {
  const [source] = JSON.parse(readFileSync(project, "utf8")).files;
  return { name, source, output: outputOf(project), binary: project.replace(SUFFIX, ".xsb") };
}

/** mcconfig's folders tell what kind of build it is: tmp/esp32/release/aerolink/modules. */
function kindOf(folder) {
  return basename(dirname(dirname(folder)));
}
