import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Sampler } from "../../../modules/sensor/sampler";
import type { Measurement } from "../../../modules/telemetry/reading";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

function build() {
  const log: string[] = [];
  let appended = 0;
  const state = {
    values: { co2: 600 } as Measurement | undefined,
    fault: undefined as string | undefined,
    intervalMs: 60_000,
    broken: false,
    worn: false,
  };
  const sampler = new Sampler({
    sensor: {
      sample: () => state.values,
      get fault() {
        return state.fault;
      },
    },
    journal: {
      append: () => {
        if (state.broken) throw new Error("flash");
        return state.worn ? 0 : ++appended;
      },
    },
    intervalMs: () => state.intervalMs,
    stamp: () => ({ boot: 1, uptimeSeconds: 0 }),
    onReading: (seq) => log.push(`reading ${seq}`),
    onFault: (fault) => log.push(`fault ${fault}`),
    onJournalFault: (error) => log.push(`journal ${error instanceof Error ? error.message : error}`),
  });
  return { sampler, state, told: () => log.splice(0) };
}

test("The first reading is taken at once, then one each interval", () => {
  const { sampler, told } = build();
  sampler.start();
  vi.advanceTimersByTime(0);
  expect(told()).toEqual(["reading 1"]);
  vi.advanceTimersByTime(59_999);
  expect(told()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told()).toEqual(["reading 2"]);
});

test("A changed interval counts from the next reading on", () => {
  const { sampler, state, told } = build();
  sampler.start();
  vi.advanceTimersByTime(0);
  state.intervalMs = 10_000;
  vi.advanceTimersByTime(60_000);
  told();
  vi.advanceTimersByTime(10_000);
  expect(told()).toEqual(["reading 3"]);
});

test("A sensor without values makes no reading, and its fault is told once", () => {
  const { sampler, state, told } = build();
  state.values = undefined;
  state.fault = "no sensor found";
  sampler.start();
  vi.advanceTimersByTime(180_000);
  expect(told()).toEqual(["fault no sensor found"]);
  state.values = { co2: 500 };
  state.fault = undefined;
  vi.advanceTimersByTime(60_000);
  expect(told()).toEqual(["fault undefined", "reading 1"]);
});

test("A journal that refuses is told, and sampling goes on", () => {
  const { sampler, state, told } = build();
  state.broken = true;
  sampler.start();
  vi.advanceTimersByTime(0);
  expect(told()).toEqual(["journal flash"]);
  state.broken = false;
  vi.advanceTimersByTime(60_000);
  expect(told()).toEqual(["reading 1"]);
});

test("A worn flash that keeps nothing is told, and no reading is announced", () => {
  const { sampler, state, told } = build();
  state.worn = true;
  sampler.start();
  vi.advanceTimersByTime(0);
  expect(told()).toEqual(["journal the flash does not keep what is written to it"]);
});

test("A reading out of turn moves the schedule", () => {
  const { sampler, told } = build();
  sampler.start();
  vi.advanceTimersByTime(30_000);
  told();
  expect(sampler.readNow()).toBe(2);
  vi.advanceTimersByTime(59_999);
  expect(told()).toEqual(["reading 2"]);
  vi.advanceTimersByTime(1);
  expect(told()).toEqual(["reading 3"]);
});

test("After stop no reading comes", () => {
  const { sampler, told } = build();
  sampler.start();
  sampler.stop();
  sampler.stop();
  vi.advanceTimersByTime(600_000);
  expect(told()).toEqual([]);
});
