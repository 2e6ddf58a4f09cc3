// The suites of tests/xs that prove our own modules on XS, on Node: what holds there holds here.
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installMachine, type Machine, type StoredValue } from "../sim/sdk/machine";
import { runSuite } from "./support/contract";
import factoryReset from "./xs/factory-reset";
import journal from "./xs/journal";
import parsers from "./xs/parsers";
import portal from "./xs/portal";
import publisher from "./xs/publisher";
import selfTest from "./xs/self-test";
import session from "./xs/session";
import settings from "./xs/settings";
import status from "./xs/status";

const spaces = new Map<string, Map<string, StoredValue>>();
const storage = {
  keyValue(path: string) {
    const space = spaces.get(path) ?? new Map<string, StoredValue>();
    spaces.set(path, space);
    return space;
  },
};

beforeAll(() => {
  const now = () => performance.now();
  const setTimer = (callback: () => void, delayMs: number) => setTimeout(callback, delayMs);
  const clearTimer = (timer: unknown) => clearTimeout(timer as NodeJS.Timeout);
  installMachine({ now, setTimer, clearTimer, storage } as unknown as Machine);
});
afterAll(() => installMachine(undefined));

test("Every suite of tests/xs is one that the XS lane runs", () => {
  const source = (name: string): string => readFileSync(new URL(`xs/${name}`, import.meta.url), "utf8");
  const suites = [...readdirSync(new URL("xs", import.meta.url)), ...contracts()].filter(
    (name) => name.endsWith(".ts") && /^export default function .*Tests\)/m.test(source(name)),
  );
  expect(suites.length).toBeGreaterThan(15);
  const lane = source("main.ts");
  for (const name of suites) expect(lane).toContain(`from "./${name.slice(0, -3)}";`);
});

runSuite("status machine", status);
runSuite("settings", settings);
runSuite("factory reset", factoryReset);
runSuite("journal", journal);
runSuite("publisher", publisher);
runSuite("parsers", parsers);
runSuite("MQTT session", session);
runSuite("setup page", portal);
runSuite("self-test", selfTest);

function contracts(): string[] {
  return readdirSync(new URL("xs/contract", import.meta.url)).map((name) => `contract/${name}`);
}
