// The simulator's page: sim/page, built by Vite into build/page. Built when it is missing or older than its sources.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/run-ts.mjs";

const SOURCES = ["sim/page", "sim/live", "package-lock.json"].map((path) => join(ROOT, path));
export const PAGE_FOLDER = join(ROOT, "build", "page");

/** @returns {Promise<string>} the folder of the built page */
export async function buildPage() {
  if (timeOf(join(PAGE_FOLDER, "index.html")) > Math.max(...SOURCES.flatMap(timesIn))) return PAGE_FOLDER;
  const { build } = await import("vite");
  await build({
    root: join(ROOT, "sim", "page"),
    configFile: false,
    logLevel: "error",
    build: { outDir: PAGE_FOLDER, emptyOutDir: true, modulePreload: false, target: "es2022" },
  });
  return PAGE_FOLDER;
}

function timesIn(path) {
  if (!statSync(path).isDirectory()) return [timeOf(path)];
  return readdirSync(path).flatMap((name) => timesIn(join(path, name)));
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
