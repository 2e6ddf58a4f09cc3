import { readdirSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { SDK_MODULES } from "./sim/sdk/resolve.mjs";
import { measureSlowness } from "./tools/test/slowness.mjs";

/** The workers inherit it: time limits scale with it (tests/support/limit.ts). */
const SLOWNESS = Number(process.env.AEROLINK_SLOWNESS ?? measureSlowness().toFixed(2));
process.env.AEROLINK_SLOWNESS = String(SLOWNESS);

/** Suites that put modules in the place of others: what they put there is not to be the next suite's. */
const MOCKING = readdirSync("tests", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => `tests/${file.replaceAll("\\", "/")}`)
  .filter((file) => /\bvi\.(doMock|mock|resetModules)\(/.test(readFileSync(file, "utf8")));

const WORLDS = [
  "tests/e2e/**/*.test.ts",
  "tests/sim/**/*.test.ts",
  "tests/provisioning/*browser*.test.ts",
  ...MOCKING,
];

/** Suites that wait for real time begin first, so that the others fill their waits and nothing waits at the end. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waits = ({ moduleId }: TestSpecification): boolean =>
      /[\\/]tests[\\/](e2e|provisioning|sim)[\\/]/.test(moduleId) && !/virtual/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

export default defineConfig({
  resolve: {
    alias: Object.entries(SDK_MODULES).map(([find, replacement]) => ({
      find: new RegExp(`^${find}$`),
      replacement,
    })),
  },
  test: {
    projects: [
      {
        // Whole worlds: workers, browsers, brokers, machines that a test installs. Each file has a process of its own.
        extends: true,
        test: { name: "worlds", include: WORLDS },
      },
      {
        // Rooms: what a file imports is made once a worker, not once a file, which saves a fifth of the time.
        extends: true,
        test: {
          name: "rooms",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/xs/**", ...WORLDS],
          isolate: false,
        },
      },
    ],
    // Continuous integration counts the tests from this file.
    ...(process.env.AEROLINK_REPORT && {
      reporters: ["default", "json"],
      outputFile: { json: process.env.AEROLINK_REPORT },
    }),
    // Much of the time is spent waiting for sockets: more workers than cores.
    maxWorkers: 4,
    sequence: { sequencer: WaitingFirst },
    globalSetup: ["tests/support/lanes.ts"],
    setupFiles: ["tests/support/setup.ts"],
    // `npm run test:long` raises the volumes of fuzz and soak tests (AEROLINK_LONG=1).
    // A day of virtual time takes 14 s on a quiet computer, and three times that on a busy one.
    testTimeout: (process.env.AEROLINK_LONG || process.env.AEROLINK_FULL ? 600_000 : 60_000) * SLOWNESS,
    // A PostgreSQL or a broker of its own starts slowly.
    hookTimeout: 60_000 * SLOWNESS,
  },
});
