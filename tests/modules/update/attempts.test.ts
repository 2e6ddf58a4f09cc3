import { expect, test } from "vitest";
import { Attempts } from "../../../modules/update/attempts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

class Rig {
  values: Record<string, string | number> = { updateAttempts: "" };
  writes = 0;
  now = 0;
  bootedAt = 0;
  /** `undefined`: the clock is not set. */
  unix: number | undefined = 1_780_000_000_000;
  attempts!: Attempts;

  constructor() {
    this.boot();
    this.attempts.offered("abcd1234");
  }

  boot(resetReason = "power-on"): void {
    this.bootedAt = this.now;
    this.attempts = new Attempts({
      memory: {
        get: (key: string) => this.values[key] as never,
        set: (key, value) => {
          this.writes++;
          this.values[key] = value;
          return { ok: true };
        },
      },
      resetReason,
      uptimeMs: () => this.now - this.bootedAt,
      unixMs: () => (this.unix === undefined ? undefined : this.unix + this.now),
    });
  }

  /** How long it pauses from now on, to the minute. */
  pauseMinutes(): number {
    const { now } = this;
    while (this.attempts.isPausing) this.now += MINUTE_MS;
    const minutes = (this.now - now) / MINUTE_MS;
    this.now = now;
    return minutes;
  }
}

test("After five downloads that brought nothing there is none: a quarter of an hour, six hours, a day between them", () => {
  const rig = new Rig();
  const pauses: number[] = [];
  for (let i = 0; i < 5; i++) {
    expect(rig.attempts.isExhausted).toBe(false);
    rig.attempts.began();
    rig.attempts.failed(false, undefined);
    pauses.push(rig.pauseMinutes());
  }
  expect(pauses).toEqual([15, 360, 1_440, 1_440, 0]);
  expect(rig.attempts.isExhausted).toBe(true);
  rig.attempts.offered("abcd1234");
  expect(rig.attempts.isExhausted).toBe(true);
  rig.attempts.offered("00000000");
  expect(rig.attempts.isExhausted).toBe(false);
});

test("What brought a block came nearer", () => {
  const rig = new Rig();
  for (let i = 0; i < 20; i++) rig.attempts.failed(i % 3 === 2, undefined);
  expect(rig.attempts.isExhausted).toBe(false);
});

test("A server that asks to be left alone is, and no download has failed", () => {
  const rig = new Rig();
  for (let i = 0; i < 9; i++) rig.attempts.busy(120_000);
  expect(rig.pauseMinutes()).toBe(2);
  expect(rig.attempts.isExhausted).toBe(false);
  rig.attempts.busy(undefined);
  expect(rig.pauseMinutes()).toBe(15);
  rig.attempts.busy(0);
  expect(rig.pauseMinutes()).toBe(1);
  rig.attempts.failed(false, HOUR_MS);
  expect(rig.pauseMinutes()).toBe(60);
});

test("A pause goes on over a power cut, as far as the clock knows", () => {
  const rig = new Rig();
  rig.attempts.failed(false, undefined);
  rig.attempts.failed(false, undefined);
  rig.now += 5 * HOUR_MS;
  rig.boot();
  expect(rig.pauseMinutes()).toBe(60);
  rig.unix = undefined;
  rig.boot();
  expect(rig.pauseMinutes()).toBe(360);
  // A clock that went back does not make it longer.
  rig.unix = 1_000_000_000_000;
  rig.boot();
  expect(rig.pauseMinutes()).toBe(360);
  rig.unix = 4_000_000_000_000;
  rig.boot();
  expect(rig.pauseMinutes()).toBe(0);
});

test("A crash in the middle of a download has failed, a power cut has not", () => {
  const rig = new Rig();
  rig.attempts.began();
  rig.boot("power-on");
  expect(rig.attempts.isPausing).toBe(false);
  rig.boot("panic");
  expect(rig.pauseMinutes()).toBe(15);
  rig.boot("panic");
  expect(rig.pauseMinutes()).toBe(15);
  rig.attempts.began();
  rig.attempts.ended();
  rig.boot("task watchdog");
  expect(rig.pauseMinutes()).toBe(15);
});

test("That a person asked is remembered until another image is offered", () => {
  const rig = new Rig();
  for (let i = 0; i < 5; i++) rig.attempts.failed(false, undefined);
  rig.attempts.reset("abcd1234", true);
  expect(rig.attempts).toMatchObject({ isAsked: true, isExhausted: false, isPausing: false });
  rig.boot();
  rig.attempts.offered("abcd1234");
  expect(rig.attempts.isAsked).toBe(true);
  rig.attempts.offered("00000000");
  expect(rig.attempts.isAsked).toBe(false);
});

test("The same offer again writes nothing", () => {
  const rig = new Rig();
  const { writes } = rig;
  rig.attempts.offered("abcd1234");
  rig.boot();
  rig.attempts.offered("abcd1234");
  expect(rig.writes).toBe(writes);
});

test.each(["", "2 image=a", "nonsense", "1 failures=9"])("%j is no record", (text) => {
  const rig = new Rig();
  rig.values.updateAttempts = text;
  rig.boot();
  expect(rig.attempts).toMatchObject({ isExhausted: false, isPausing: false, isAsked: false });
});
