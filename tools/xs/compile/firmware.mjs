// The firmware's modules as one program, without an SDK: for the lane that tests them as the device has them.
import { readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { BUILD, ROOT } from "../../base/sdk.mjs";
import { bundle, printed } from "../hoist/bundle.mjs";
import { ROOMS, runtimeModules } from "../manifests.mjs";
import { Program } from "../shrink/program.mjs";
import { timeOf } from "./build-set.mjs";
import { cached } from "./cache.mjs";
import { compileAll } from "./compile.mjs";

/** Sources that are bundled into another file beforehand. */
const BUNDLED = /(^|\/)stand-ins\//;
/** What imports from the firmware, and is not part of it. */
const READERS = ["tests", "sim", "tools"];

/** What the one module is called here. */
export const ONE = "\0aerolink:one";

/**
 * Compiles and shrinks every module of the rooms and `main`, and makes one of those that need no hardware, as a release
 * build does.
 * @returns {Promise<Map<string, string>>} JavaScript by the path of the source; what became part of `ONE` gives what
 *   that gives
 */
export async function shrunkFirmware() {
  const files = [...ROOMS.flatMap((room) => [...filesBelow(room)]), "main.ts"];
  const isSource = (file) => /(?<!\.d)\.ts$/.test(file) && !BUNDLED.test(file);
  const modules = files
    .filter(isSource)
    .map((file) => ({ name: file.slice(0, -3), source: join(ROOT, file) }));
  const others = [...files, ...READERS.flatMap((folder) => [...filesBelow(folder)])];
  const isReader = (file) =>
    /(?<!\.d)\.(ts|js)$/.test(file) && !files.some((each) => each === file && isSource(file));
  const build = {
    base: join(ROOT, "tsconfig.json"),
    isDebug: false,
    modules,
    ...timeOf(modules),
    readers: others
      .filter(isReader)
      .map((file) => ({ name: file.replace(/\.[jt]s$/, ""), file: join(ROOT, file) })),
    declarations: [...filesBelow("types")].map((file) => join(ROOT, file)),
    // For the cache: of the same sources a device's build makes something else.
    preloads: ROOMS.flatMap((room) => runtimeModules(room).portable),
  };
  const { outputs } = await cached(join(BUILD, "xs-cache"), build, compileAsOne);
  const paths = modules.map(({ name, source }) => [source, outputs[name].code]);
  return new Map([...paths, [ONE, outputs[ONE].code]]);
}

async function compileAsOne({ preloads, ...build }) {
  const { outputs, inputs } = await compileAll(build);
  const members = preloads.filter((name) => outputs[name]);
  const { text, stubs } = await openOne(members, (name) => outputs[name].code);
  for (const [name, code] of stubs) outputs[name] = { code };
  outputs[ONE] = { code: text };
  return { outputs, inputs };
}

/** The one module of `members` that gives all that they gave, and for each what stands in its place. */
async function openOne(members, codeOf) {
  const program = new Program(members.map((name) => ({ name, file: `${name}.js`, code: codeOf(name) })));
  const exports = program.own.flatMap((module) =>
    [...module.exports.keys()].map((name, index) => ({
      from: module.name,
      name,
      as: `${aliasOf(module.name)}_${index}`,
    })),
  );
  const stubs = members.map((from) => {
    const own = exports.filter((each) => each.from === from).map(({ name, as }) => `${as} as ${name}`);
    return [from, `export { ${own.join(", ")} } from ${JSON.stringify(ONE)};`];
  });
  const text = await printed("one", await bundle({ members, codeOf, exports }), []);
  // A test that loads the modules anew has them defined anew.
  const again = text.replace(
    /(defineProperty\(globalThis, "\w+", \{) value:/g,
    "$1 configurable: true, value:",
  );
  return { text: again, stubs };
}

const aliasOf = (name) => name.replace(/\W/g, "_");

function* filesBelow(folder) {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}
