import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SettledRanges } from "../../../modules/journal/settled-ranges";
import { fuzz } from "../../support/volume";

describe("SettledRanges", () => {
  it("moves the frontier over what is settled in order", () => {
    const ranges = new SettledRanges(4);
    expect(ranges.settle(1, 5)).toBe(5);
    expect(ranges.frontier).toBe(6);
    expect(ranges.islands).toEqual([]);
  });

  it("keeps an island ahead of the frontier until the gap closes", () => {
    const ranges = new SettledRanges(4);
    ranges.settle(10, 12);
    expect(ranges.islands).toEqual([10, 12]);
    expect(ranges.nextPending(10)).toBe(13);
    ranges.settle(1, 9);
    expect(ranges.frontier).toBe(13);
    expect(ranges.islands).toEqual([]);
  });

  it("has no room for one island too many, but for what touches one", () => {
    const ranges = new SettledRanges(2);
    ranges.settle(10, 12);
    ranges.settle(20, 22);
    expect(ranges.hasRoomFor(15, 15)).toBe(false);
    for (const [first, last] of [
      [13, 14],
      [8, 9],
      [12, 20],
      [1, 3],
      [19, 19],
      [23, 30],
    ] as const)
      expect(ranges.hasRoomFor(first, last)).toBe(true);
  });

  it("agrees with a set of numbers, whatever is settled in whatever order", () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(12));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 20 }), fc.integer({ min: 1, max: 70 }), (settled, probe) => {
        const ranges = new SettledRanges(100);
        const model = new Set<number>();
        for (const [first, extra] of settled) {
          const before = model.size;
          for (let seq = first; seq <= first + extra; seq++) model.add(seq);
          expect(ranges.settle(first, first + extra)).toBe(model.size - before);
        }
        let next = probe;
        while (model.has(next)) next++;
        expect(ranges.nextPending(probe)).toBe(next);
        expect(ranges.isPending(probe)).toBe(!model.has(probe));
        let pending = 0;
        for (let seq = 5; seq <= probe; seq++) if (!model.has(seq)) pending++;
        expect(ranges.countPending(5, probe)).toBe(pending);
        for (let i = 0; i < ranges.islands.length; i += 2) {
          expect(ranges.islands[i]!).toBeLessThanOrEqual(ranges.islands[i + 1]!);
          expect(ranges.islands[i]! - 1).toBeGreaterThan(
            i === 0 ? ranges.frontier - 1 : ranges.islands[i - 1]!,
          );
        }
      }),
      fuzz(),
    );
  });

  it("agrees with a set of numbers when all from somewhere on waits again", () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(12));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), fc.integer({ min: 1, max: 80 }), (settled, first) => {
        const ranges = new SettledRanges(100);
        const model = new Set<number>();
        for (const [from, extra] of settled) {
          ranges.settle(from, from + extra);
          for (let seq = from; seq <= from + extra; seq++) model.add(seq);
        }
        const opened = [...model].filter((seq) => seq >= first);
        expect(ranges.open(first, 80)).toBe(opened.length);
        for (const seq of opened) model.delete(seq);
        for (let seq = 1; seq < 80; seq++) expect(ranges.isPending(seq)).toBe(!model.has(seq));
        ranges.settle(first, 79);
        expect(ranges.nextPending(first)).toBe(80);
      }),
      fuzz(),
    );
  });
});
