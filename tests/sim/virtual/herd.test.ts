import { expect, test } from "vitest";
import { runHerd } from "../../../sim/virtual/herd";

const DEVICES = 200;
const OUTAGE_MS = 600_000;
const options = { devices: DEVICES, outageMs: OUTAGE_MS, watchMs: 960_000, seed: 3 };
const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

test("After ten minutes without a broker our devices come back spread over minutes, all within six", () => {
  const { attempts, connected } = runHerd({ ...options, retry: "backoff" });
  expect(connected[0]).toBe(0);
  expect(Math.max(...attempts.slice(60))).toBeLessThan(DEVICES * 0.06);
  expect(sum(attempts)).toBeLessThan(DEVICES * 15);
  expect(connected.at(-1)).toBe(DEVICES);
});

test("Devices with a fixed delay ask all in the same second, again and again", () => {
  const { attempts, connected } = runHerd({ ...options, retry: 10 });
  expect(Math.max(...attempts.slice(60, 600))).toBe(DEVICES);
  expect(sum(attempts.slice(0, 600))).toBeGreaterThanOrEqual(DEVICES * 58);
  expect(connected[615]).toBe(DEVICES);
});

test("A broker that can open so many connections in a second sees fewer than that from ours", () => {
  const capacity = 20;
  const ours = runHerd({ ...options, retry: "backoff", capacity });
  expect(ours.connected.at(-1)).toBe(DEVICES);
  const fixed = runHerd({ ...options, retry: 5, capacity });
  const refusedAt = (attempts: readonly number[]): number =>
    attempts.slice(600).filter((each) => each > capacity).length;
  expect(refusedAt(ours.attempts)).toBe(0);
  expect(refusedAt(fixed.attempts)).toBeGreaterThan(5);
});
