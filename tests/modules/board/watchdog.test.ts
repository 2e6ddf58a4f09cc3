import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WatchdogPin } from "../../../modules/board/watchdog-pin";
import { FEED_MS, WatchdogFeeder } from "../../../modules/device/watchdog-feeder";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("WatchdogPin", () => {
  const rig = () => {
    const edges: [number, number][] = [];
    const start = Date.now();
    const pin = new WatchdogPin({ write: (level) => edges.push([Date.now() - start, level]) });
    return { edges, pin };
  };

  it("is low from the first, and high for 25 ms when it is fed, without holding anybody up", () => {
    const { edges, pin } = rig();
    pin.feed();
    expect(edges).toEqual([
      [0, 0],
      [0, 1],
    ]);
    vi.advanceTimersByTime(1_000);
    expect(edges.slice(2)).toEqual([[25, 0]]);
  });

  it("makes no second edge of a feeding within the pulse", () => {
    const { edges, pin } = rig();
    pin.feed();
    vi.advanceTimersByTime(10);
    pin.feed();
    vi.advanceTimersByTime(1_000);
    expect(edges).toEqual([
      [0, 0],
      [0, 1],
      [25, 0],
    ]);
    pin.feed();
    expect(edges.at(-1)).toEqual([1_010, 1]);
  });
});

describe("WatchdogFeeder", () => {
  it("feeds at once and once a minute, until it is closed", () => {
    const feed = vi.fn();
    const feeder = new WatchdogFeeder({ feed });
    expect(feed).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(10 * FEED_MS);
    expect(feed).toHaveBeenCalledTimes(11);
    feeder.close();
    feeder.close();
    vi.advanceTimersByTime(10 * FEED_MS);
    expect(feed).toHaveBeenCalledTimes(11);
  });
});
