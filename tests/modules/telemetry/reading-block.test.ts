import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QUANTITY_NAMES, STEPS } from "../../../modules/telemetry/quantities";
import { COLUMNS, ReadingBlock } from "../../../modules/telemetry/reading-block";
import { RESOLUTION } from "../../support/quantities";
import { anyReadings } from "../../support/readings";
import { fuzz } from "../../support/volume";
import { blockOf } from "../../xs/sample-readings";

const at = (seq: number) => ({ seq, boot: 1, uptimeSeconds: 60, values: { co2: 400 + seq } });

describe("A block of readings", () => {
  it("gives back what was put in, in whole steps, and nothing that was not there", () => {
    fc.assert(
      fc.property(anyReadings(10), (readings) => {
        const block = blockOf(readings);
        expect([block.first, block.length]).toEqual([readings[0]!.seq, readings.length]);
        const rows = readings.map(({ boot, uptimeSeconds, unixSeconds, values }) => {
          const cells: Record<string, number | undefined> =
            unixSeconds === undefined ? { boot, uptime: uptimeSeconds } : { time: unixSeconds };
          for (const [quantity, value] of Object.entries(values))
            cells[quantity] = Math.round(value / RESOLUTION[quantity as keyof typeof RESOLUTION]);
          return COLUMNS.map((column) => cells[column]);
        });
        expect(rows.map((_, i) => COLUMNS.map((_column, c) => block.steps(i, c)))).toEqual(rows);
      }),
      fuzz(),
    );
  });

  it("keeps a time beyond 2038", () => {
    const block = blockOf([{ ...at(1), unixSeconds: 0x80000000 }]);
    expect(block.steps(0, 0)).toBe(0x80000000);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0x80000000, -0x80000000])(
    "counts %d as not known",
    (co2) => {
      expect(blockOf([{ ...at(1), values: { co2 } }]).steps(0, COLUMNS.indexOf("co2"))).toBeUndefined();
    },
  );

  it("takes no reading that does not follow, and none when it is full", () => {
    const block = new ReadingBlock(2);
    expect([at(5), at(7), at(6), at(7)].map((reading) => block.push(reading))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([block.first, block.length]).toEqual([5, 2]);
  });

  it("takes fewer readings where each has more quantities, and always one", () => {
    const values = Object.fromEntries(QUANTITY_NAMES.map((quantity) => [quantity, 1]));
    const block = new ReadingBlock(3);
    const pushed = [1, 2, 3].map((seq) => block.push({ ...at(seq), values }));
    expect(pushed).toEqual([true, false, false]);
    expect(COLUMNS.map((_, c) => block.steps(0, c))).toEqual([
      ...[undefined, 1, 60],
      ...QUANTITY_NAMES.map((quantity) => STEPS[quantity]),
    ]);
    block.truncate(0);
    expect([1, 2, 3].map((seq) => block.push(at(seq)))).toEqual([true, true, true]);
  });

  it("has a bit for every column", () => {
    expect(COLUMNS.length).toBeLessThanOrEqual(31);
  });

  it("forgets what is cut off, so that a later reading brings none of it back", () => {
    const block = blockOf([at(5), at(6)]);
    block.truncate(1);
    expect([block.first, block.length]).toEqual([5, 1]);
    block.push({ ...at(6), values: {} });
    expect(block.steps(1, COLUMNS.indexOf("co2"))).toBeUndefined();
    block.truncate(0);
    expect([block.first, block.length]).toEqual([0, 0]);
  });
});
