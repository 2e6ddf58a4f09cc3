import { expect, it } from "vitest";
import { budgetLines, checkMeasured, OWNERS, RESERVE, slotSize } from "../../../tools/esp32/flash-budget.mjs";

const KIB = 1024;
const upper = OWNERS.reduce((sum, { lower, upper }) => sum + (upper ?? lower * 1.05), 0);

it("reads a slot's size from the partition table", () => {
  expect(slotSize("nvs, data, nvs, 0x9000, 64K\nota_0,     app,  ota_0,     0x20000,  1664K\n")).toBe(
    1664 * KIB,
  );
});

it("holds in the slot that the partition table has", () => {
  expect(budgetLines().faults).toEqual([]);
});

it("fails when the upper estimate leaves less than the reserve, and says how much it leaves", () => {
  const slot = Math.ceil(upper) + RESERVE;
  expect(budgetLines({}, slot).faults).toEqual([]);
  expect(budgetLines({}, slot - 2 * KIB).faults).toEqual([
    expect.stringContaining(`leaves ${RESERVE / KIB - 2}.0 KiB free`),
  ]);
});

it("counts what a lane measured instead of what the table says, with the table's margin", () => {
  const more = budgetLines({ js: OWNERS[0]!.lower + 10 * KIB }, Math.ceil(upper) + RESERVE);
  expect(more.faults).toEqual([expect.stringContaining(`leaves ${RESERVE / KIB - 10}.0 KiB free`)]);
  expect(more.lines.some((line) => line.startsWith("JavaScript, measured"))).toBe(true);
});

it("names the rows that were measured far from the table, and no other", () => {
  const [js, xs] = OWNERS;
  expect(checkMeasured({ js: js!.lower, xs: xs!.lower + 3 * KIB })).toEqual([]);
  expect(checkMeasured({ xs: xs!.lower + 5 * KIB })).toEqual([
    expect.stringMatching(/^XS, the engine: \d+ bytes/),
  ]);
});
