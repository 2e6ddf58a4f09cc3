// Runs a TypeScript entry on Node: bundled by esbuild into build/tools/, npm packages left outside, SDK modules
// taken from sim/sdk, stack traces mapped back to the sources.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { SDK_MODULES } from "../../sim/sdk/resolve.mjs";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * esbuild plugin: SDK modules resolve to sim/sdk, and `import.meta.url` keeps naming the source file, as it does
 * in vitest.
 * @type {import("esbuild").Plugin}
 */
export const hostSources = {
  name: "aerolink-host-sources",
  setup(builder) {
    const bare = Object.keys(SDK_MODULES).map((name) => name.replace(/[/.]/g, "\\$&"));
    builder.onResolve({ filter: new RegExp(`^(${bare.join("|")})$`) }, ({ path }) => ({
      path: SDK_MODULES[path],
    }));
    // Our .mjs files stay outside: they find the repository by where they lie.
    builder.onResolve({ filter: /^\..*\.mjs$/ }, ({ path, resolveDir }) => ({
      path: pathToFileURL(resolve(resolveDir, path)).href,
      external: true,
    }));
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: source.replaceAll("import.meta.url", url), loader: "ts" };
    });
  },
};

/**
 * Bundles `entry` (relative to the repository) for Node.
 * @param {string} entry
 * @param {import("esbuild").BuildOptions} [options] more esbuild options
 * @returns {Promise<string>} path of the bundle; whole whenever it exists, also with two runs at once
 */
export async function bundleTs(entry, options = {}) {
  const source = resolve(ROOT, entry);
  const out = join(ROOT, "build", "tools", `${basename(dirname(source))}-${basename(source, ".ts")}.mjs`);
  const { outputFiles } = await build({
    entryPoints: [source],
    outfile: out,
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    sourcemap: "inline",
    logLevel: "error",
    ...options,
    plugins: [hostSources, ...(options.plugins ?? [])],
  });
  await mkdir(dirname(out), { recursive: true });
  const draft = `${out}.${process.pid}`;
  await writeFile(draft, outputFiles[0].contents);
  await rename(draft, out);
  return out;
}

/**
 * Bundles `entry` and imports it.
 * @param {string} entry
 * @returns {Promise<any>} the module's exports
 */
export async function runTs(entry) {
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(await bundleTs(entry)).href);
}
