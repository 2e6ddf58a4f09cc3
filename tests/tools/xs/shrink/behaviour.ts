import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { shrinkProgram } from "../../../../tools/xs/shrink/index.mjs";

/** Modules of a small program by file name, "main.ts" or "main.js" among them: its `run()` tells what it does. */
export type Files = Record<string, string>;

export interface Source {
  name: string;
  file: string;
  code: string;
  typescript?: string;
}

/** Imports as Node does; vitest would rewrite the modules. */
const NATIVE = "data:text/javascript,export const load = (url) => import(url);";

export async function sources(files: Files): Promise<Source[]> {
  return Promise.all(
    Object.entries(files).map(async ([file, text]) => {
      const name = file.replace(/\.[jt]s$/, "");
      if (file.endsWith(".js")) return { name, file, code: text };
      const { code } = await transform(text, {
        loader: "ts",
        target: "esnext",
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true } },
      });
      return { name, file, code, typescript: text };
    }),
  );
}

export async function shrunk(files: Files): Promise<Record<string, string>> {
  return Object.fromEntries(await shrinkProgram(await sources(files)));
}

/** What `run()` returns, or what loading or running throws, and which names the main module exports. */
export async function outcome(codes: Record<string, string>): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-shrink-"));
  try {
    for (const [name, code] of Object.entries(codes)) {
      // Node wants extensions.
      const text = code.replace(/(from|import) "(\.\/[\w-]+)";/g, '$1 "$2.mjs";');
      writeFileSync(join(folder, `${name}.mjs`), text);
    }
    const { load } = (await import(NATIVE)) as { load(url: string): Promise<{ run(): unknown }> };
    const main = await load(pathToFileURL(join(folder, "main.mjs")).href);
    return { exports: Object.keys(main).sort(), result: await main.run() };
  } catch (error) {
    return `${(error as Error).name}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function before(files: Files): Promise<unknown> {
  return outcome(Object.fromEntries((await sources(files)).map(({ name, code }) => [name, code])));
}

export async function after(files: Files): Promise<unknown> {
  return outcome(await shrunk(files));
}
