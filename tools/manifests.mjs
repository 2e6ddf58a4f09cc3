// npm run manifests: writes which modules of each room the device build compiles and preloads into its manifest.
// mcconfig's wildcards cannot: they skip TypeScript in "preload", and bring modules that are types only.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { transformSync } from "esbuild";
import { ROOT } from "./sdk.mjs";

export const ROOMS = ["modules", "wifi", "led", "mqtt", "provisioning"];

/** What another manifest brings: folders named after their platform, and the board, which is not preloaded. */
const OWN_MANIFEST = ["esp32", "desktop", "board", "board.ts"];

/** Folders of sources that are bundled into another file beforehand. */
const BUNDLED = ["stand-ins"];

const COMPILER_OPTIONS = { tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } } };

/**
 * The modules of `room` that exist at run time, as paths without extension from the repository's root. Modules that
 * only declare types are left out, unless something imports them at run time.
 */
export function runtimeModules(room, root = ROOT) {
  const modules = new Map();
  for (const file of sourceFiles(join(root, room), room)) {
    const source = readFileSync(join(root, file), "utf8");
    const { code } = transformSync(source, {
      sourcefile: file,
      loader: file.endsWith(".ts") ? "ts" : "js",
      ...COMPILER_OPTIONS,
    });
    modules.set(file.replace(/\.[jt]s$/, ""), code);
  }
  const imported = new Set();
  for (const [name, code] of modules) {
    for (const [, specifier] of code.matchAll(/(?:from|import)\s*"(\.[^"]+)"/g))
      imported.add(posix.join(posix.dirname(name), specifier).replace(/\.js$/, ""));
  }
  return [...modules]
    .filter(([name, code]) => code.trim() !== "" || imported.has(name))
    .map(([name]) => name)
    .sort();
}

function* sourceFiles(folder, prefix) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = posix.join(prefix, entry.name);
    if ([...OWN_MANIFEST, ...BUNDLED].includes(entry.name)) continue;
    if (entry.isDirectory()) yield* sourceFiles(join(folder, entry.name), path);
    else if (/(?<!\.d)\.[jt]s$/.test(entry.name)) yield path;
  }
}

/** What `modules` and `preload` of `room`'s manifest have to say. */
export function manifestLists(room, root = ROOT) {
  const names = runtimeModules(room, root);
  const modules = {};
  for (const name of names) {
    const pattern = `${posix.dirname(name)}/*`;
    modules[pattern] ??= [];
    modules[pattern].push(`./${posix.relative(room, name)}`);
  }
  return { modules, preload: names };
}

if (basename(process.argv[1] ?? "") === "manifests.mjs") {
  for (const room of ROOMS) {
    const path = join(ROOT, room, "manifest.json");
    const { modules: _modules, preload: _preload, ...rest } = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, `${JSON.stringify({ ...rest, ...manifestLists(room) }, null, 2)}\n`);
  }
}
