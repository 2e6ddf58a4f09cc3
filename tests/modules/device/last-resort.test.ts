import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { Settings } from "../../../modules/configuration/settings";
import { LastResort, REJOIN_MS, RESTART_PAUSE_MS } from "../../../modules/device/last-resort";
import { MemoryStore } from "../../support/memory-store";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A life of the device; `settings` outlive it. */
function boot(number: number, settings = new Settings({ log: silentLogger, store: new MemoryStore() })) {
  const restart = vi.fn();
  const rejoin = vi.fn();
  const start = performance.now();
  const lastResort = new LastResort({
    log: silentLogger,
    boot: number,
    settings,
    uptimeMs: () => performance.now() - start,
    rejoin,
    restart,
  });
  return { lastResort, restart, rejoin, settings };
}

test("A stuck radio restarts the device, once, and counts it across the restart", () => {
  const first = boot(7);
  first.lastResort.radioStuck();
  expect(first.restart.mock.calls).toEqual([["restart-radio-stuck"]]);
  const second = boot(8, first.settings);
  expect(second.lastResort.counts).toEqual({ "restart-radio-stuck": 1 });
});

test("A restart that did not help is repeated after three hours at the earliest", () => {
  const { settings, lastResort } = boot(1);
  lastResort.radioStuck();
  const { lastResort: next, restart } = boot(2, settings);
  vi.advanceTimersByTime(RESTART_PAUSE_MS - 1);
  next.radioStuck();
  expect(restart).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  next.radioStuck();
  expect(restart).toHaveBeenCalledOnce();
});

test("Somebody who cycled the power gets a restart at once", () => {
  const { settings, lastResort } = boot(1);
  lastResort.radioStuck();
  const { lastResort: next, restart } = boot(3, settings);
  next.radioStuck();
  expect(restart).toHaveBeenCalledOnce();
});

test("Half an hour with an address and without the cloud joins anew, each time, and never restarts", () => {
  const { lastResort, rejoin, restart } = boot(1);
  rejoin.mockImplementation(() => {
    lastResort.statusChanged("joining");
    lastResort.statusChanged("connecting");
  });
  lastResort.statusChanged("connecting");
  vi.advanceTimersByTime(REJOIN_MS - 1);
  expect(rejoin).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1 + 47 * REJOIN_MS);
  expect(rejoin).toHaveBeenCalledTimes(48);
  expect(restart).not.toHaveBeenCalled();
  expect(lastResort.counts).toEqual({ "rejoin-no-cloud": 48 });
  lastResort.close();
});

test.each(["joining", "online", "offline", "setup"] as const)(
  "In %s nothing is done, however long",
  (status) => {
    const { lastResort, rejoin, restart } = boot(1);
    lastResort.statusChanged("connecting");
    lastResort.statusChanged(status);
    vi.advanceTimersByTime(10 * RESTART_PAUSE_MS);
    expect(rejoin).not.toHaveBeenCalled();
    expect(restart).not.toHaveBeenCalled();
    expect(lastResort.counts).toEqual({});
  },
);
