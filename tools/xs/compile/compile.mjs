// One compiler run for all modules of a build, and one that makes them smaller.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, parse, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../base/sdk.mjs";
import { BUILD_TIME_MODULE, withBuildTime } from "./build-time.mjs";

const TSC = fileURLToPath(new URL("../../../node_modules/typescript/bin/tsc", import.meta.url));

/** What the compiler said against the sources. */
export class CompileError extends Error {
  name = "CompileError";
}

/**
 * @typedef {object} Compiled
 * @property {Record<string, { code: string, map?: string }>} outputs by the module's name; a map's sources are
 *   absolute paths
 * @property {string[]} inputs every file that the compiler read
 * @property {string[]} [leftOut] modules that are part of another one now, and not to be linked
 * @property {string} [one] that other one
 */

/**
 * @param {{ base: string, isDebug: boolean, modules: { name: string, source: string }[], readers: { name: string, file: string }[], preloads?: string[], scripts?: { name: string, file: string }[] }} build
 *   `base`: the compiler's configuration without files; a build for the debugger stays as it is written, with maps;
 *   with `preloads` what of ours is preloaded becomes one module, `scripts` being all that is JavaScript
 * @returns {Promise<Compiled>}
 * @throws {CompileError}
 */
export async function compileAll(build) {
  const { base, isDebug, modules, readers, preloads, scripts = [], builtAt, declarations = [] } = build;
  if (modules.length === 0) return { outputs: {}, inputs: [] };
  const folder = mkdtempSync(join(tmpdir(), "aerolink-tsc-"));
  try {
    const { compiled, inputs } = await runCompiler(
      folder,
      base,
      [...declarations, ...modules.map(({ source }) => source)],
      modules,
    );
    for (const each of compiled)
      if (each.name === BUILD_TIME_MODULE && builtAt !== undefined)
        each.code = withBuildTime(each.code, builtAt);
    if (isDebug) return { outputs: Object.fromEntries(compiled.map((each) => [each.name, each])), inputs };
    const { shrinkProgram } = await import("../shrink/index.mjs");
    const sources = compiled.map(({ name, source, code, map }) => ({
      ...{ name, file: source, code, typescript: readFileSync(source, "utf8") },
      sourceLine: (line) => lineIn(map, line),
    }));
    const small = await shrinkProgram([...sources, ...readers.map(asReader)]);
    const made = preloads && (await makeOne(small, scripts.map(asReader), preloads));
    const outputs = Object.fromEntries([...small].map(([name, code]) => [name, { code }]));
    return { outputs, inputs, ...made };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function asReader({ name, file }) {
  return { name, file, code: readFileSync(file, "utf8"), isReader: true };
}

/** Puts the one module into `small`. @returns its name and those of the others that are part of it, if there is one */
async function makeOne(small, readers, preloads) {
  const { hoist } = await import("../hoist/index.mjs");
  const { isPlain } = await import("../hoist/plain.mjs");
  const own = [...small].map(([name, code]) => ({ name, file: `${name}.js`, code }));
  const plain = readers.filter((reader) => isOurs(reader.file) && isPlain(reader, small));
  const others = readers.filter((reader) => !plain.includes(reader));
  const one = await hoist({ own: [...own, ...plain], readers: others, preloads });
  if (!one) return undefined;
  for (const [name, code] of one.codes) small.set(name, code);
  return { leftOut: one.members.filter((name) => name !== one.carrier), one: one.carrier };
}

/** Not the SDK's, and not what mcconfig writes. */
function isOurs(file) {
  const path = relative(ROOT, file);
  return !/^(\.\.|build|node_modules)[\\/]/.test(path) && !isAbsolute(path);
}

async function runCompiler(folder, base, sources, modules) {
  const project = join(folder, "tsconfig.json");
  const { root } = parse(folder);
  const outDir = join(folder, "out");
  const files = [...new Set(sources)];
  const compilerOptions = { rootDir: root, outDir, noEmit: false, noEmitOnError: true, sourceMap: true };
  writeFileSync(project, JSON.stringify({ extends: base, compilerOptions, files, include: [] }));
  const { status, text } = await run([TSC, "-p", project, "--listFiles", "--pretty", "false"]);
  const lines = text.split("\n").filter((line) => line !== "");
  const isFile = (line) => !line.includes("): error ") && resolve(line) === line;
  if (status !== 0) throw new CompileError(lines.filter((line) => !isFile(line)).join("\n"));
  const compiled = modules.map(({ name, source }) => {
    const output = join(outDir, relative(root, source).replace(/\.ts$/, ".js"));
    const map = JSON.parse(readFileSync(`${output}.map`, "utf8"));
    map.sources = map.sources.map((each) => resolve(dirname(output), each));
    return { name, source, code: readFileSync(output, "utf8"), map: JSON.stringify(map) };
  });
  return { compiled, inputs: lines.filter(isFile) };
}

function run(args) {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (more) => (text += more));
    child.on("error", fail);
    child.on("close", (status) => done({ status, text }));
  });
}

function lineIn(map, line) {
  const found = new SourceMap(JSON.parse(map)).findEntry(line - 1, 0);
  return (found?.originalLine ?? line - 1) + 1;
}
