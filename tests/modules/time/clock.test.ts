import Time from "time";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Clock, LATEST_UNIX_MS } from "../../../modules/time/clock";

const BUILD = Date.UTC(2026, 0, 1);
const BOUNDS = { floorUnixMs: BUILD, ceilingUnixMs: LATEST_UNIX_MS - 1 };
const DAY = 86_400_000;

describe("Clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("counts uptime from zero and knows no wall clock at boot", () => {
    vi.advanceTimersByTime(123_456);
    const clock = new Clock(BOUNDS);
    expect(clock.uptimeMs).toBe(0);
    expect(clock.quality).toBe("none");
    expect(clock.unixMs).toBeUndefined();
    expect(clock.unixAt(0)).toBeUndefined();
    vi.advanceTimersByTime(1_500);
    expect(clock.uptimeMs).toBe(1_500);
    clock.close();
  });

  it.each([24.8, 24.9, 49.7, 49.8, 400])("counts on past the wraps of the ticks: %d days unread", (days) => {
    vi.spyOn(Time, "delta").mockImplementation((start, end) => ((end ?? Time.ticks) - start) | 0); // as on ESP32
    const clock = new Clock(BOUNDS);
    clock.set(BUILD, "synced");
    const ms = Math.round(days * DAY);
    vi.advanceTimersByTime(ms);
    expect(clock.uptimeMs).toBe(ms);
    expect(clock.unixMs).toBe(BUILD + ms);
    clock.close();
  });

  it("wraps at 24.8 days with ticks that are negative from there on", () => {
    vi.advanceTimersByTime(2 ** 31 - 500);
    const clock = new Clock(BOUNDS);
    vi.advanceTimersByTime(1_000);
    expect(Time.ticks).toBeLessThan(0);
    expect(clock.uptimeMs).toBe(1_000);
    vi.advanceTimersByTime(2 ** 31);
    expect(Time.ticks).toBeGreaterThan(0);
    expect(clock.uptimeMs).toBe(2 ** 31 + 1_000);
    clock.close();
  });

  it("never goes back where the ticks do (the desktop's follow the host's clock)", () => {
    const ticks = vi.spyOn(Time, "ticks", "get");
    vi.spyOn(Time, "delta").mockImplementation((start, end) => (end ?? 0) - start);
    ticks.mockReturnValue(1_780_000_000_000);
    const clock = new Clock(BOUNDS);
    ticks.mockReturnValue(1_780_000_005_000);
    expect(clock.uptimeMs).toBe(5_000);
    ticks.mockReturnValue(1_779_999_000_000);
    expect(clock.uptimeMs).toBe(5_000);
    ticks.mockReturnValue(1_779_999_001_000);
    expect(clock.uptimeMs).toBe(6_000);
    clock.close();
  });

  it("keeps the wall clock as an offset from uptime and tells it for any instant of this boot", () => {
    const clock = new Clock(BOUNDS);
    vi.advanceTimersByTime(10_000);
    expect(clock.set(BUILD + DAY, "synced")).toBe(true);
    expect(clock.unixMs).toBe(BUILD + DAY);
    expect(clock.unixAt(0)).toBe(BUILD + DAY - 10_000);
    vi.advanceTimersByTime(2_000);
    expect(clock.unixMs).toBe(BUILD + DAY + 2_000);
    expect(clock.quality).toBe("synced");
    clock.close();
  });

  it("tells when uptime zero was, how far the clock moved once it had been set, and its quality before", () => {
    const onSet = vi.fn();
    const clock = new Clock({ ...BOUNDS, onSet });
    vi.advanceTimersByTime(4_000);
    clock.set(BUILD + 10_000, "estimated");
    expect(onSet).toHaveBeenLastCalledWith(BUILD + 6_000, undefined, "none");
    vi.advanceTimersByTime(1_000);
    clock.set(BUILD + DAY + 11_000, "synced");
    expect(onSet).toHaveBeenLastCalledWith(BUILD + DAY + 6_000, DAY, "estimated");
    clock.set(BUILD + DAY + 10_750, "synced");
    expect(onSet).toHaveBeenLastCalledWith(BUILD + DAY + 5_750, -250, "synced");
    clock.close();
  });

  it("sets the system's clock too, to the second, past 2038", () => {
    const set = vi.spyOn(Time, "set");
    const clock = new Clock(BOUNDS);
    clock.set(Date.UTC(2038, 0, 19, 3, 14, 8) + 0.4, "synced");
    expect(set).toHaveBeenLastCalledWith(2 ** 31);
    expect(clock.unixMs).toBe(2 ** 31 * 1000);
    clock.close();
  });

  it("believes nothing before the firmware's build, after 2100, or that is no time at all", () => {
    const onSet = vi.fn();
    const set = vi.spyOn(Time, "set");
    const clock = new Clock({ ...BOUNDS, onSet });
    expect(clock.earliestUnixMs).toBe(BUILD);
    for (const unixMs of [BUILD - 1, 0, -1, LATEST_UNIX_MS, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(clock.set(unixMs, "synced")).toBe(false);
    }
    expect(clock.quality).toBe("none");
    expect(onSet).not.toHaveBeenCalled();
    expect(set).not.toHaveBeenCalled();
    expect(clock.set(LATEST_UNIX_MS - 1, "synced")).toBe(true);
    expect(clock.set(BUILD, "synced")).toBe(true);
    clock.close();
  });

  it("estimates from the build, or from a later plausible time that was known before", () => {
    for (const [lastKnown, expected] of [
      [undefined, BUILD],
      [BUILD - DAY, BUILD],
      [BUILD + DAY, BUILD + DAY],
      [LATEST_UNIX_MS, BUILD],
      [Number.NaN, BUILD],
    ] as const) {
      const clock = new Clock(BOUNDS);
      expect(clock.estimate(lastKnown)).toBe(true);
      expect(clock.unixMs).toBe(expected);
      expect(clock.quality).toBe("estimated");
      clock.close();
    }
  });

  it("does not set an estimate back, and moves it on when a later time is known", () => {
    const clock = new Clock(BOUNDS);
    clock.estimate();
    vi.advanceTimersByTime(60_000);
    expect(clock.estimate()).toBe(false);
    expect(clock.estimate(BUILD + 59_000)).toBe(false);
    expect(clock.unixMs).toBe(BUILD + 60_000);
    expect(clock.estimate(BUILD + DAY)).toBe(true);
    expect(clock.unixMs).toBe(BUILD + DAY);
    clock.close();
  });

  it("never replaces a synced time by an estimate", () => {
    const clock = new Clock(BOUNDS);
    clock.set(BUILD + 1_000, "synced");
    expect(clock.estimate(BUILD + DAY)).toBe(false);
    expect(clock.set(BUILD + DAY, "estimated")).toBe(false);
    expect(clock.quality).toBe("synced");
    expect(clock.unixMs).toBe(BUILD + 1_000);
    clock.close();
  });

  it("closes twice, leaves no timer behind and still tells the time", () => {
    const clock = new Clock(BOUNDS);
    clock.close();
    clock.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(250);
    expect(clock.uptimeMs).toBe(250);
  });

  it("refuses bounds that cannot be", () => {
    for (const floorUnixMs of [Number.NaN, -1, LATEST_UNIX_MS]) {
      expect(() => new Clock({ ...BOUNDS, floorUnixMs })).toThrow(RangeError);
    }
    for (const ceilingUnixMs of [Number.NaN, BUILD, LATEST_UNIX_MS]) {
      expect(() => new Clock({ ...BOUNDS, ceilingUnixMs })).toThrow(RangeError);
    }
  });

  it("believes nothing after its ceiling, and nothing before a floor that has risen", () => {
    const bounds = { floorUnixMs: BUILD, ceilingUnixMs: BUILD + 10 * DAY };
    const clock = new Clock(bounds);
    expect(clock.set(BUILD + 10 * DAY + 1, "synced")).toBe(false);
    bounds.floorUnixMs = BUILD + DAY;
    expect(clock.earliestUnixMs).toBe(BUILD + DAY);
    expect(clock.set(BUILD + DAY - 1, "synced")).toBe(false);
    expect(clock.estimate(BUILD + 11 * DAY)).toBe(true);
    expect(clock.unixMs).toBe(BUILD + DAY);
    expect(clock.set(BUILD + 10 * DAY, "synced")).toBe(true);
    clock.close();
  });

  it("gives up a synced time that is not to be believed, for an estimate within its bounds", () => {
    const onSet = vi.fn();
    const clock = new Clock({ ...BOUNDS, onSet });
    clock.set(BUILD + 5 * DAY, "synced");
    clock.distrust(BUILD + DAY);
    expect([clock.quality, clock.unixMs]).toEqual(["estimated", BUILD + DAY]);
    expect(onSet).toHaveBeenLastCalledWith(BUILD + DAY, -4 * DAY, "synced");
    clock.distrust(BUILD - DAY);
    expect(clock.unixMs).toBe(BUILD);
    clock.close();
  });
});
