import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Button } from "../../../modules/device/button";
import { fuzz } from "../../support/volume";

let pressed: boolean;
let log: string[];
let button: Button | undefined;

function open(): void {
  button = new Button({
    read: () => pressed,
    onHold: (hold) => log.push(`hold ${hold}`),
    onRelease: (hold) => log.push(`release ${hold}`),
    onPress: () => log.push("press"),
  });
}

function set(level: boolean, forMs: number): void {
  pressed = level;
  vi.advanceTimersByTime(forMs);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  pressed = false;
  log = [];
});

afterEach(() => {
  button?.close();
  vi.useRealTimers();
});

describe("Button", () => {
  beforeEach(open);

  it("reports a short press when it is let go", () => {
    set(true, 200);
    expect(log).toEqual([]);
    set(false, 200);
    expect(log).toEqual(["press"]);
  });

  it("ignores a contact that closes for less than 50 ms", () => {
    set(true, 40);
    set(false, 500);
    expect(log).toEqual([]);
  });

  it("ignores bounces while it is pressed and let go", () => {
    for (const level of [true, false, true, false, true]) set(level, 20);
    set(true, 500);
    for (const level of [false, true, false, true, false]) set(level, 20);
    set(false, 500);
    expect(log).toEqual(["press"]);
  });

  it("acknowledges setup after 3 s while still held, and does it at release", () => {
    set(true, 2_900);
    expect(log).toEqual([]);
    set(true, 200);
    expect(log).toEqual(["hold setup"]);
    set(true, 5_000);
    expect(log).toEqual(["hold setup"]);
    set(false, 100);
    expect(log).toEqual(["hold setup", "release setup"]);
  });

  it("acknowledges a factory reset after 10 s while still held, and does it at release", () => {
    set(true, 9_900);
    expect(log).toEqual(["hold setup"]);
    set(true, 200);
    expect(log).toEqual(["hold setup", "hold factory-reset"]);
    set(false, 100);
    expect(log).toEqual(["hold setup", "hold factory-reset", "release factory-reset"]);
  });

  it("does nothing more while it is stuck, however long", () => {
    set(true, 3_600_000);
    expect(log).toEqual(["hold setup", "hold factory-reset"]);
  });

  it("does not lose a hold to a glitch on the pin", () => {
    set(true, 2_000);
    set(false, 30);
    set(true, 1_100);
    set(false, 100);
    expect(log).toEqual(["hold setup", "release setup"]);
  });

  it("starts anew after each release", () => {
    set(true, 3_500);
    set(false, 100);
    set(true, 2_000);
    set(false, 100);
    expect(log).toEqual(["hold setup", "release setup", "press"]);
  });

  it("is silent after close and keeps no timer", () => {
    set(true, 3_500);
    button?.close();
    button?.close();
    set(false, 1_000);
    expect(log).toEqual(["hold setup"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it.each([2 ** 31, 2 ** 32])("holds across the wrap of the millisecond clock at %i", (wrap) => {
  vi.advanceTimersByTime(wrap - 1_500);
  open();
  set(true, 2_900);
  expect(log).toEqual([]);
  set(true, 200);
  set(false, 100);
  expect(log).toEqual(["hold setup", "release setup"]);
});

it("can be closed from inside a callback", () => {
  button = new Button({
    read: () => pressed,
    onHold: () => {
      log.push("hold");
      button?.close();
    },
    onRelease: () => log.push("release"),
  });
  set(true, 12_000);
  set(false, 1_000);
  expect(log).toEqual(["hold"]);
});

it("for any sequence of steady presses, gives exactly the actions that their lengths mean", () => {
  const press = fc.record({
    downMs: fc.integer({ min: 100, max: 14_000 }),
    upMs: fc.integer({ min: 100, max: 900 }),
  });
  fc.assert(
    fc.property(fc.array(press, { maxLength: 6 }), (presses) => {
      log = [];
      pressed = false;
      open();
      const expected: string[] = [];
      for (const { downMs, upMs } of presses) {
        // Within a sample of a limit either side is right: step off it.
        const held = [3_000, 10_000].some((limit) => Math.abs(limit - downMs) <= 80) ? downMs + 200 : downMs;
        set(true, held);
        set(false, upMs);
        if (held >= 3_000) expected.push("hold setup");
        if (held >= 10_000) expected.push("hold factory-reset");
        expected.push(held >= 10_000 ? "release factory-reset" : held >= 3_000 ? "release setup" : "press");
      }
      button?.close();
      expect(log).toEqual(expected);
    }),
    fuzz(60),
  );
});
