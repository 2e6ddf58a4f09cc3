// The suites of tests/xs that prove our own modules on XS, on Node: what holds there holds here.
import { afterAll, beforeAll } from "vitest";
import { installMachine, type Machine, type StoredValue } from "../sim/sdk/machine";
import { runSuite } from "./support/contract";
import parsers from "./xs/parsers";
import portal from "./xs/portal";
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

runSuite("status machine", status);
runSuite("settings", settings);
runSuite("parsers", parsers);
runSuite("MQTT session", session);
runSuite("setup page", portal);
