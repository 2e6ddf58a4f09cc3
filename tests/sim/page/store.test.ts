import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PageEvent, Rgb, State } from "../../../sim/live/protocol";
import { Store } from "../../../sim/page/store";

const BLUE: Rgb = { r: 0, g: 0, b: 240 };
const OFF: Rgb = { r: 0, g: 0, b: 0 };
const HELLO: PageEvent = { t: "hello", state: {} as State, led: BLUE, logs: [], messages: [], readings: [] };

let streams: { readyState: number; say(event: PageEvent): void; fail(): void }[];
let store: Store;
let lamp: Rgb[];

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  store = new Store();
  lamp = [];
  store.onLed = (led) => lamp.push(led);
  store.open((on) => {
    const stream = {
      readyState: 1,
      say: (event: PageEvent) => on.message(JSON.stringify(event)),
      fail: () => on.error(),
    };
    streams.push(stream);
    return stream;
  });
});

afterEach(() => {
  vi.useRealTimers();
});

test("A simulator that was killed leaves no blue light: the lamp goes out, and its return is seen", () => {
  streams[0]!.say(HELLO);
  expect([store.connected, store.led, lamp.at(-1)]).toEqual([true, BLUE, BLUE]);
  streams[0]!.fail();
  expect([store.connected, store.led, lamp.at(-1)]).toEqual([false, OFF, OFF]);
  // The browser asks again by itself.
  vi.advanceTimersByTime(5_000);
  expect(streams).toHaveLength(1);
  streams[0]!.say(HELLO);
  expect([store.connected, lamp.at(-1)]).toEqual([true, BLUE]);
});

test("A browser that has given up is asked to try again", () => {
  streams[0]!.say(HELLO);
  streams[0]!.readyState = 2;
  streams[0]!.fail();
  vi.advanceTimersByTime(2_000);
  expect(streams).toHaveLength(2);
  streams[1]!.say(HELLO);
  expect(store.connected).toBe(true);
});

test("A simulator that stands still is gone after ten seconds, and its light is back with its first word", () => {
  streams[0]!.say(HELLO);
  vi.advanceTimersByTime(9_000);
  streams[0]!.say({ t: "state", state: {} as State });
  vi.advanceTimersByTime(9_999);
  expect(store.connected).toBe(true);
  vi.advanceTimersByTime(1);
  expect([store.connected, lamp.at(-1)]).toEqual([false, OFF]);
  streams[0]!.say({ t: "state", state: {} as State });
  expect([store.connected, lamp.at(-1)]).toEqual([true, BLUE]);
});
