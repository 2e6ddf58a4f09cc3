import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff } from "../../../modules/base/backoff";
import { fuzz } from "../../support/volume";

const ALMOST_ONE = 1 - Number.EPSILON / 2;

describe("Backoff", () => {
  it("doubles its bound from 1 s to 5 min", () => {
    const backoff = new Backoff();
    const bounds = Array.from({ length: 12 }, () => backoff.nextDelayMs(ALMOST_ONE) + 1);
    expect(bounds).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000, 300_000,
    ]);
    expect(backoff.attempts).toBe(12);
  });

  it("draws from zero to the bound", () => {
    const backoff = new Backoff({ firstMs: 100, longestMs: 100 });
    expect([0, 0.25, 0.5, 0.999].map((random) => backoff.nextDelayMs(random))).toEqual([0, 25, 50, 99]);
  });

  it("starts anew after a reset", () => {
    const backoff = new Backoff();
    for (let i = 0; i < 5; i++) backoff.nextDelayMs(0.5);
    backoff.reset();
    expect(backoff.attempts).toBe(0);
    expect(backoff.nextDelayMs(0.5)).toBe(500);
  });

  it("stays at its longest after years of attempts", () => {
    const backoff = new Backoff();
    for (let i = 0; i < 5_000; i++) backoff.nextDelayMs(0);
    expect(backoff.nextDelayMs(0.5)).toBe(150_000);
  });

  it.each([
    { firstMs: 0 },
    { firstMs: -1 },
    { firstMs: NaN },
    { firstMs: 10, longestMs: 5 },
    { longestMs: NaN },
    { longestMs: Infinity },
  ])("refuses the bounds %o", (options) => {
    expect(() => new Backoff(options)).toThrow(RangeError);
  });

  it.each([-0.1, 1, NaN, Infinity])("refuses the random number %d, and does not count it", (random) => {
    const backoff = new Backoff();
    expect(() => backoff.nextDelayMs(random)).toThrow(RangeError);
    expect(backoff.attempts).toBe(0);
  });

  it("never leaves its bounds", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 1e7 }),
        fc.array(random),
        (first, more, draws) => {
          const backoff = new Backoff({ firstMs: first, longestMs: first + more });
          draws.forEach((draw, attempt) => {
            const delay = backoff.nextDelayMs(draw);
            expect(Number.isInteger(delay)).toBe(true);
            expect(delay).toBeGreaterThanOrEqual(0);
            expect(delay).toBeLessThan(Math.min(first + more, first * 2 ** attempt));
          });
        },
      ),
      fuzz(2_000),
    );
  });
});
