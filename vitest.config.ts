import { defineConfig } from "vitest/config";
import { SDK_MODULES } from "./sim/sdk/resolve.mjs";

export default defineConfig({
  resolve: {
    alias: Object.entries(SDK_MODULES).map(([find, replacement]) => ({
      find: new RegExp(`^${find}$`),
      replacement,
    })),
  },
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/xs/**"],
    // Continuous integration counts the tests from this file.
    ...(process.env.AEROLINK_REPORT && {
      reporters: ["default", "json"],
      outputFile: { json: process.env.AEROLINK_REPORT },
    }),
    // Much of the time is spent waiting for sockets: more workers than cores.
    maxWorkers: 3,
    globalSetup: ["tests/support/lanes.ts"],
    setupFiles: ["tests/support/setup.ts"],
    // `npm run test:long` raises the volumes of fuzz and soak tests (AEROLINK_LONG=1).
    testTimeout: process.env.AEROLINK_LONG ? 600_000 : 20_000,
  },
});
