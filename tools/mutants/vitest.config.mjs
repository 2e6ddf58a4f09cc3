// One worker, in which the modules of the job are loaded with all their mutants in them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { SDK_MODULES } from "../../sim/sdk/resolve.mjs";
import { ROOT } from "../base/sdk.mjs";

const { files } = JSON.parse(readFileSync(process.env.AEROLINK_MUTANTS, "utf8"));
const texts = new Map(Object.entries(files).map(([file, code]) => [join(ROOT, file), code]));

const mutants = {
  name: "aerolink-mutants",
  enforce: "pre",
  load: (id) => texts.get(id.replace(/\?.*$/, "")),
};

export default defineConfig({
  root: ROOT,
  plugins: [mutants],
  resolve: {
    alias: Object.entries(SDK_MODULES).map(([find, replacement]) => ({
      find: new RegExp(`^${find}$`),
      replacement,
    })),
  },
  test: {
    include: ["tools/mutants/entry.lane.ts"],
    runner: join(ROOT, "tools/mutants/worker.mjs"),
    setupFiles: ["tests/support/setup.ts", "tools/mutants/switch.mjs", "tools/mutants/properties.mjs"].map(
      (file) => join(ROOT, file),
    ),
    pool: "threads",
    maxWorkers: 1,
    isolate: false,
    disableConsoleIntercept: true,
    silent: true,
    testTimeout: 60_000,
  },
});
