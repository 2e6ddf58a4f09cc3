import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { realMachine } from "../../../sim/device/real-machine";

const folder = mkdtempSync(join(tmpdir(), "aerolink-machine-"));
let clock = 0;
beforeEach(() => {
  clock = 1_000;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const machine = () =>
  realMachine({
    wire: { post: () => {}, onMessage: () => {} },
    folder,
    parts: () => ({ take: () => {} }) as never,
  });

it("a timer never comes early, though Node's do: a sensor that is asked too early does not answer", () => {
  const fired = vi.fn();
  machine().setTimer(fired, 50);
  clock += 49.6;
  vi.advanceTimersByTime(50);
  expect(fired).not.toHaveBeenCalled();
  clock += 1;
  vi.advanceTimersByTime(1);
  expect(fired).toHaveBeenCalledOnce();
});

it("a timer that is cleared between coming early and coming does not come", () => {
  const fired = vi.fn();
  const on = machine();
  const timer = on.setTimer(fired, 50);
  clock += 49.6;
  vi.advanceTimersByTime(50);
  on.clearTimer(timer);
  clock += 10;
  vi.advanceTimersByTime(10);
  expect(fired).not.toHaveBeenCalled();
});
