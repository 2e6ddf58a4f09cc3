// What is mutated, and which suites cover it. Suites that wait for real time or replace modules are left out.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/sdk.mjs";

/** @type {{ files: string[], suites: string[] }[]} */
export const TARGETS = [
  {
    files: [
      "modules/journal/byte-cursor.ts",
      "modules/journal/flash-journal.ts",
      "modules/journal/journal-state.ts",
      "modules/journal/record-scanner.ts",
      "modules/journal/record.ts",
      "modules/journal/sector-header.ts",
      "modules/journal/sector-ring.ts",
      "modules/journal/sector-survey.ts",
      "modules/journal/settled-ranges.ts",
    ],
    suites: ["tests/modules/journal/"],
  },
  {
    files: ["mqtt/session.ts", "mqtt/framer.ts", "mqtt/connection.ts"],
    suites: ["tests/mqtt/"],
  },
  {
    files: ["modules/telemetry/publisher.ts", "modules/telemetry/unsent.ts"],
    suites: ["tests/modules/telemetry/publisher.test.ts", "tests/modules/telemetry/unsent.test.ts"],
  },
  {
    files: ["wifi/station.ts", "wifi/join-round.ts"],
    suites: ["tests/wifi/"],
  },
  {
    files: [
      "modules/commands/commands.ts",
      "modules/commands/command-memory.ts",
      "modules/commands/parse-command.ts",
    ],
    suites: ["tests/modules/commands/"],
  },
  {
    files: ["modules/configuration/settings.ts", "modules/configuration/settings-codec.ts"],
    suites: ["tests/modules/configuration/"],
  },
  {
    files: ["provisioning/http-request.ts"],
    suites: ["tests/provisioning/http-request.test.ts"],
  },
  { files: ["modules/tls/tls-socket.ts"], suites: ["tests/modules/tls/"] },
  { files: ["modules/device/monitor.ts"], suites: ["tests/modules/device/monitor.test.ts"] },
  { files: ["modules/names/dns-message.ts"], suites: ["tests/modules/names/"] },
];

/** Suites of long runs over many cases: too dear for the run of one mutant, and what they find others find sooner. */
const SLOW = /(fuzz|storm|-size|brokers|power-cut)\.test\.ts$/;

/** Files of the suites of a target. */
export function suitesOf({ suites }) {
  return suites
    .flatMap((suite) =>
      suite.endsWith("/")
        ? readdirSync(join(ROOT, suite), { recursive: true, encoding: "utf8" })
            .filter((file) => file.endsWith(".test.ts"))
            .map((file) => join(ROOT, suite, file))
        : [join(ROOT, suite)],
    )
    .filter((suite) => !SLOW.test(suite))
    .filter((suite) => !/\bvi\.(doMock|mock|resetModules)\(/.test(readFileSync(suite, "utf8")));
}
