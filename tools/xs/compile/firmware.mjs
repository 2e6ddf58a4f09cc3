// The firmware's modules as one program, without an SDK: for the lane that tests them as the device has them.
import { readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { ROOMS } from "../../manifests.mjs";
import { BUILD, ROOT } from "../../sdk.mjs";
import { timeOf } from "./build-set.mjs";
import { cached } from "./cache.mjs";
import { compileAll } from "./compile.mjs";

/** Sources that are bundled into another file beforehand. */
const BUNDLED = /(^|\/)stand-ins\//;
/** What imports from the firmware, and is not part of it. */
const READERS = ["tests", "sim", "tools"];

/**
 * Compiles and shrinks every module of the rooms and `main`, as a release build does.
 * @returns {Promise<Map<string, string>>} JavaScript by the path of the source
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
  };
  const { outputs } = await cached(join(BUILD, "xs-cache"), build, compileAll);
  return new Map(modules.map(({ name, source }) => [source, outputs[name].code]));
}

function* filesBelow(folder) {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}
