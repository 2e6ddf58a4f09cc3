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

  it("has no room for what comes next but one to an island, on either side", () => {
    const ranges = new SettledRanges(1);
    ranges.settle(10, 12);
    expect([8, 9, 13, 14].map((seq) => ranges.hasRoomFor(seq, seq))).toEqual([false, true, true, false]);
    expect(new SettledRanges(1).hasRoomFor(5, 5)).toBe(true);
    // Room for three islands is not yet used up by two.
    const three = new SettledRanges(3, 1, [10, 12, 20, 22]);
    expect(three.hasRoomFor(30, 30)).toBe(true);
  });

  it("keeps nothing of an island that waits again from its beginning on", () => {
    const ranges = new SettledRanges(4, 1, [10, 12, 20, 22]);
    expect(ranges.open(20, 30)).toBe(3);
    expect(ranges.islands).toEqual([10, 12]);
    expect(ranges.open(11, 30)).toBe(2);
    expect(ranges.islands).toEqual([10, 10]);
  });

  it("gives itself back unchanged where nothing waits again", () => {
    const ranges = new SettledRanges(4, 5, [10, 12]);
    expect(ranges.without([])).toEqual({ frontier: 5, islands: [10, 12] });
    expect(ranges.without([20, 30])).toEqual({ frontier: 5, islands: [10, 12] });
    expect(new SettledRanges(4).without([1, 3])).toEqual({ frontier: 1, islands: [] });
    expect(new SettledRanges(4, 2).without([5, 6])).toEqual({ frontier: 2, islands: [] });
    expect(new SettledRanges(4, 2).without([1, 1])).toEqual({ frontier: 1, islands: [] });
  });

  it("agrees with a set of numbers when ranges in between wait again, and changes nothing itself", () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(8));
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 8 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(8)), { maxLength: 4 }),
        (settled, gaps) => {
          const ranges = new SettledRanges(100);
          const model = new Set<number>();
          for (const [first, extra] of settled) {
            ranges.settle(first, first + extra);
            for (let seq = first; seq <= first + extra; seq++) model.add(seq);
          }
          const opened: number[] = [];
          for (const [gap, extra] of gaps) {
            const first = (opened.at(-1) ?? 0) + gap;
            opened.push(first, first + extra);
            for (let seq = first; seq <= first + extra; seq++) model.delete(seq);
          }
          const before = [ranges.frontier, ...ranges.islands];
          const { frontier, islands } = ranges.without(opened);
          expect([ranges.frontier, ...ranges.islands]).toEqual(before);
          const left = new SettledRanges(100, frontier, [...islands]);
          for (let seq = 1; seq < 60; seq++) expect(left.isPending(seq), String(seq)).toBe(!model.has(seq));
          for (let i = 0; i < islands.length; i++)
            expect(islands[i]!).toBeGreaterThan(i === 0 ? frontier : 0);
        },
      ),
      fuzz(300),
    );
  });
});
