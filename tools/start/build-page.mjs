// The two pages, built by Vite: the simulator's (sim/page) into build/page, the cloud's (cloud/page) into
// build/cloud-page. Built when one is missing or older than its sources.
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/run-ts.mjs";

export const PAGE_FOLDER = join(ROOT, "build", "page");
export const CLOUD_PAGE_FOLDER = join(ROOT, "build", "cloud-page");

const SIMULATOR = { root: "sim/page", out: PAGE_FOLDER, sources: ["sim/page", "sim/live"] };
const CLOUD = { root: "cloud/page", out: CLOUD_PAGE_FOLDER, sources: ["cloud/page"] };

/** Builds that run, by their folder: whoever asks meanwhile waits for the same one. */
const running = new Map();

/** @returns {Promise<string>} the folder of the built page of the simulator */
export const buildPage = () => built(SIMULATOR);

/** @returns {Promise<string>} the folder of the built page of the cloud */
export const buildCloudPage = () => built(CLOUD);

function built(page) {
  const { out, sources } = page;
  const newest = Math.max(...[...sources, "package-lock.json"].flatMap((path) => timesIn(join(ROOT, path))));
  if (timeOf(join(out, "index.html")) > newest) return Promise.resolve(out);
  if (!running.has(out))
    running.set(
      out,
      build(page).finally(() => running.delete(out)),
    );
  return running.get(out);
}

async function build({ root, out }) {
  const vite = await import("vite");
  // Beside it, and then in its place: whoever reads the old one meanwhile reads it whole.
  const draft = `${out}.${process.pid}`;
  await vite.build({
    root: join(ROOT, root),
    configFile: false,
    logLevel: "error",
    build: {
      outDir: draft,
      emptyOutDir: true,
      modulePreload: false,
      target: "es2022",
      // A policy without `data:` lets in files alone.
      assetsInlineLimit: 0,
    },
  });
  rmSync(out, { recursive: true, force: true });
  renameSync(draft, out);
  return out;
}

function timesIn(path) {
  if (!statSync(path).isDirectory()) return [timeOf(path)];
  return readdirSync(path).flatMap((name) => timesIn(join(path, name)));
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
