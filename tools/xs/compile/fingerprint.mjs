// What the result of a build depends on, by content.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const TOOLS = fileURLToPath(new URL("..", import.meta.url));

/** Our own sources, and the package files that carry the versions of the compiler, the printer and the parser. */
export function toolFiles() {
  const own = ["compile", "shrink", "hoist"].flatMap((folder) =>
    readdirSync(join(TOOLS, folder)).map((name) => join(TOOLS, folder, name)),
  );
  const packages = ["typescript", "esbuild", "vite"].map((name) => require.resolve(`${name}/package.json`));
  const vite = createRequire(packages[2]);
  const parser = join(dirname(dirname(vite.resolve("rolldown/utils"))), "package.json");
  return [...own, ...packages, parser];
}

export function hashOf(text) {
  return createHash("sha256").update(text).digest("hex");
}

/** @returns {Record<string, string>} hash by file; "" for a file that is not there */
export function contentsOf(files) {
  return Object.fromEntries(files.map((file) => [file, hashOfFile(file)]));
}

function hashOfFile(file) {
  try {
    return hashOf(readFileSync(file));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return "";
  }
}

/** @returns {Record<string, string>} size and time of change by file: equal, its content is taken to be equal too */
export function stampsOf(files) {
  return Object.fromEntries(files.map((file) => [file, stampOf(file)]));
}

function stampOf(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.size} ${found.mtimeMs} ${found.ino}` : "";
}
