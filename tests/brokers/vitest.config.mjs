// npm run test:brokers: the firmware on the brokers that people have (CONTRIBUTING.md, "Brokers").
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

export default defineConfig({
  ...base,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...base.test,
    projects: undefined,
    include: ["tests/brokers/**/*.lane.ts"],
    globalSetup: [],
    // A case waits for real time: a broker that starts, a device that backs off.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
