import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { DecodedReading } from "../../../cloud/payload/decode-telemetry";
import { columnsOf, csvOf } from "../../../sim/page/plot/plot-data";
import { markOf } from "../../../sim/page/plot/time-words";

const reading = (seq: number, unixSeconds: number | undefined, co2 = 500 + seq): DecodedReading => ({
  epoch: "00000001",
  seq,
  values: { co2 },
  ...(unixSeconds !== undefined && { unixSeconds }),
});

test("Readings one after the other are one line", () => {
  expect(columnsOf([reading(1, 60), reading(2, 120), reading(3, 180)], "co2")).toEqual([
    [60, 120, 180],
    [501, 502, 503],
  ]);
});

test("No line leads across a power cut, though no number is missing", () => {
  const list = [1, 2, 3, 4].map((seq) => reading(seq, seq * 60));
  const [times, values] = columnsOf([...list, reading(5, 3_600), reading(6, 3_660)], "co2");
  expect(values).toEqual([501, 502, 503, 504, null, 505, 506]);
  expect(times[4]).toBe((240 + 3_600) / 2);
});

test("No line leads across numbers that are missing, or into another epoch", () => {
  const other = { ...reading(4, 240), epoch: "00000002" };
  expect(columnsOf([reading(1, 60), reading(3, 180), other], "co2")[1]).toEqual([501, null, 503, null, 504]);
});

test("A value that was not measured is a hole, and a reading without a time is not drawn", () => {
  const hole = { ...reading(2, 120), values: {} };
  expect(columnsOf([reading(1, undefined), hole, reading(3, 180)], "co2")).toEqual([
    [120, 180],
    [null, 503],
  ]);
});

test("Times rise, and each dated reading is drawn once", () => {
  const list = fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 60 }).map((pauses) => {
    let at = 0;
    return pauses.map((pause, i) => {
      at += pause;
      return reading(i, at);
    });
  });
  fc.assert(
    fc.property(list, (readings) => {
      const [times, values] = columnsOf(readings, "co2");
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(values.filter((value) => value !== null)).toEqual(readings.map(({ values: { co2 } }) => co2));
    }),
  );
});

test("What is seen is saved as a table: only the span, with units, and empty where nothing was measured", () => {
  const text = csvOf(
    [reading(1, 60), reading(2, 120), { ...reading(3, 180), values: {} }, reading(4, 240)],
    [
      { name: "co2", unit: "ppm" },
      { name: "voc", unit: "" },
    ],
    { from: 120, to: 180 },
  );
  expect(text).toBe(
    "time,epoch,seq,co2 (ppm),voc\r\n" +
      "1970-01-01T00:02:00.000Z,00000001,2,502,\r\n" +
      "1970-01-01T00:03:00.000Z,00000001,3,,\r\n",
  );
});

test("Marks of time have their hour, however near they are to each other", () => {
  const at = new Date(2026, 10, 29, 14, 3, 15).getTime() / 1_000;
  expect(markOf(at, 15)).toBe("14:03:15");
  expect(markOf(at - 15, 60)).toBe("14:03");
  expect(markOf(new Date(2026, 10, 29).getTime() / 1_000, 3_600)).toBe("11/29");
  expect(markOf(at, 86_400)).toBe("11/29");
});
