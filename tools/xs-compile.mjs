// mcconfig's TypeScript compiler (manifest.json, "typescript"): tsc, then, unless it is a build for the debugger, what
// makes modules smaller on XS. Called as tsc is: `-p` and the configuration that mcconfig wrote for one module.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { shrink } from "./xs-shrink.mjs";

const PRIVATE = /^\s+private (?:static |async |get |set |readonly )*(\w+)/gm;

const [option, project] = process.argv.slice(2);
if (option !== "-p" || !project) {
  console.error("usage: node tools/xs-compile.mjs -p tsconfig.json");
  process.exit(2);
}
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
const { status } = spawnSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const { compilerOptions, files } = JSON.parse(readFileSync(project, "utf8"));
const { rootDir, outDir } = compilerOptions;
// mcconfig's folders tell what kind of build it is: …/tmp/esp32/release/main/tsc/….
if (!/[\\/]debug[\\/]/.test(outDir)) {
  for (const file of files) {
    const output = join(outDir, relative(rootDir, file).replace(/\.ts$/, ".js"));
    const privateMembers = [...readFileSync(file, "utf8").matchAll(PRIVATE)].map(([, name]) => name);
    writeFileSync(output, await shrink({ ...moduleAt(output), privateMembers }));
  }
}

/** tsc writes what a module imports beside it, as it is in its own turn. */
function moduleAt(path) {
  const read = (specifier) => {
    const imported = `${join(dirname(path), specifier).replace(/\.js$/, "")}.js`;
    return existsSync(imported) ? moduleAt(imported) : undefined;
  };
  return { source: readFileSync(path, "utf8"), read };
}
