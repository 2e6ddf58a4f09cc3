// npm run test:shrunk: the rooms' suites on the modules as a release build has them (docs/xs.md, "What the compiler
// takes away"), on Node and without an SDK.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, mergeConfig } from "vitest/config";
import { ROOT } from "./tools/base/sdk.mjs";
import { ONE, shrunkFirmware } from "./tools/xs/compile/firmware.mjs";
import base from "./vitest.config.ts";

const modules = await shrunkFirmware();

const shrunk = {
  name: "aerolink-shrunk",
  enforce: "pre",
  resolveId(id, importer) {
    if (id === ONE) return id;
    // The one module names others as XS does: from the repository's root.
    const file = [".ts", ".js"].map((extension) => join(ROOT, id + extension)).find(existsSync);
    return importer === ONE ? file : undefined;
  },
  load(id) {
    const code = modules.get(id.replace(/\?.*$/, ""));
    return code === undefined ? undefined : { code, map: { mappings: "" } };
  },
};

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], projects: undefined } },
  defineConfig({
    plugins: [shrunk],
    test: {
      // Machines of continuous integration are slow, and the suites of the journal long.
      testTimeout: process.env.AEROLINK_LONG ? 600_000 : 60_000,
      include: [
        "tests/{modules,mqtt,wifi,led,provisioning,wiring}/**/*.test.ts",
        "tests/xs-suites.test.ts",
        "tests/tools/xs/shrink/lane.shrunk.ts",
      ],
    },
  }),
);
