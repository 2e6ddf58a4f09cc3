import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DecodedReading, decodeTelemetry } from "../../../cloud/payload/decode-telemetry";
import { formatBatch, MAX_BATCH_BYTES } from "../../../modules/telemetry/batch";
import type { Measurement, Reading } from "../../../modules/telemetry/reading";
import { zlibEncode } from "../../../modules/telemetry/zlib-encoder";
import { anyEpoch, anyReadings, homeReadings } from "../../support/readings";
import { schemaFaults } from "../../support/telemetry-schema";
import { fuzz, LONG } from "../../support/volume";
import { blockOf } from "../../xs/sample-readings";

/** An encoder parses nothing from outside: less than the full volume does. */
const CASES = LONG ? 20_000 : 2_000;

const EPOCH = "0badcafe";

function reading(seq: number, values: Measurement, stamp: Partial<Reading> = { unixSeconds: 1000 }): Reading {
  return { seq, boot: 3, uptimeSeconds: 7, values, ...stamp };
}

const textOf = (readings: Reading[]) => new TextDecoder().decode(formatBatch(blockOf(readings), EPOCH).json);
const parsed = (readings: Reading[]) => JSON.parse(textOf(readings));

/** What the cloud must know of a reading. */
function asDecoded(
  { seq, boot, uptimeSeconds, unixSeconds, values }: Reading,
  epoch: string,
): DecodedReading {
  const stamp = unixSeconds === undefined ? { boot, uptimeSeconds } : { unixSeconds };
  return { epoch, seq, ...stamp, values };
}

test("whole numbers of steps, each less the one before it, by column", () => {
  const text = textOf([
    reading(41, { pm2_5: 12.3, temperature: 20.55 }),
    reading(42, { pm2_5: 12.1, temperature: 20.55 }, { unixSeconds: 1060 }),
    reading(43, { pm2_5: 13, temperature: -0.4 }, { unixSeconds: 1120 }),
  ]);
  expect(text).toBe(
    '{"epoch":"0badcafe","seq":41,"time":[1000,60,60],"pm2_5":[123,-2,9],"temperature":[2055,0,-2095]}',
  );
});

test("a missing value is null, and the next one still counts from the last that was known", () => {
  expect(parsed([reading(1, { co2: 400 }), reading(2, {}), reading(3, { co2: 410 })]).co2).toEqual([
    400,
    null,
    10,
  ]);
  expect(parsed([reading(1, {}), reading(2, {}), reading(3, { co2: 410 })]).co2).toEqual([null, null, 410]);
});

test("a quantity that no reading has is not there", () => {
  expect(Object.keys(parsed([reading(1, {})]))).toEqual(["epoch", "seq", "time"]);
});

test("a value that no number of steps can express is missing, not zero", () => {
  const broken = { pm1: Number.NaN, pm4: Number.POSITIVE_INFINITY, co2: 1e300, voc: 100 };
  expect(Object.keys(parsed([reading(1, broken)]))).toEqual(["epoch", "seq", "time", "voc"]);
});

test("float noise and negative zero do not reach the text", () => {
  expect(
    textOf([reading(1, { pm1: 0.1 + 0.2, temperature: -0.001, humidity: 45.449999999999996 })]),
  ).toContain('"pm1":[3],"temperature":[0],"humidity":[4545]');
});

test("readings without a date bring boot and uptime, and one batch may hold both kinds and several boots", () => {
  const batch = parsed([
    reading(1, {}, { boot: 8, uptimeSeconds: 600 }),
    reading(2, {}, { boot: 9, uptimeSeconds: 5 }),
    reading(3, {}, { boot: 9, uptimeSeconds: 65, unixSeconds: 5000 }),
    reading(4, {}, { boot: 9, uptimeSeconds: 125 }),
  ]);
  expect(batch).toEqual({
    epoch: EPOCH,
    seq: 1,
    time: [null, null, 5000, null],
    boot: [8, 1, null, 0],
    uptime: [600, -595, null, 120],
  });
});

test("no readings are misuse", () => {
  expect(() => formatBatch(blockOf([]), EPOCH)).toThrow(RangeError);
});

test("a batch ends where seq leaps", () => {
  const readings = [reading(1, { co2: 1 }), reading(2, { co2: 2 }), reading(4, { co2: 4 })];
  expect(formatBatch(blockOf(readings), EPOCH).count).toBe(2);
  expect(parsed(readings).co2).toEqual([1, 1]);
});

describe("any readings", () => {
  test("come back from the cloud's decoder as they were, batch after batch within its bound", () => {
    fc.assert(
      fc.property(anyReadings(12), anyEpoch, (readings, epoch) => {
        const decoded: DecodedReading[] = [];
        while (decoded.length < readings.length) {
          const { json, count } = formatBatch(blockOf(readings.slice(decoded.length)), epoch);
          expect(schemaFaults(JSON.parse(new TextDecoder().decode(json)))).toBe("");
          decoded.push(...decodeTelemetry(zlibEncode(json)).slice(0, count));
        }
        expect(decoded).toEqual(readings.map((reading) => asDecoded(reading, epoch)));
      }),
      fuzz(CASES),
    );
  });

  test("give the shortest JSON there is for their columns, of exactly the length of the text", () => {
    fc.assert(
      fc.property(anyReadings(5), (readings) => {
        const text = textOf(readings);
        expect(text).toBe(JSON.stringify(JSON.parse(text)));
      }),
      fuzz(500),
    );
  });

  test("never exceed 4,096 bytes, and leave out no reading that would have fitted", () => {
    fc.assert(
      fc.property(anyReadings(400), (readings) => {
        const { json, count } = formatBatch(blockOf(readings), EPOCH);
        expect(json.length).toBeLessThanOrEqual(MAX_BATCH_BYTES);
        expect(decodeTelemetry(zlibEncode(json))).toHaveLength(count);
        if (count === readings.length) return;
        const text = lengthOfNaive(readings.slice(0, count + 1));
        expect(text).toBeGreaterThan(MAX_BATCH_BYTES);
      }),
      fuzz(60),
    );
  });

  /** Length of the batch's text, by JSON.stringify over the columns that the definition gives. */
  function lengthOfNaive(readings: Reading[]): number {
    const columns: Record<string, (number | undefined)[]> = {
      time: readings.map((reading) => reading.unixSeconds),
      boot: readings.map((reading) => (reading.unixSeconds === undefined ? reading.boot : undefined)),
      uptime: readings.map((reading) =>
        reading.unixSeconds === undefined ? reading.uptimeSeconds : undefined,
      ),
    };
    const steps = {
      pm1: 10,
      pm2_5: 10,
      pm4: 10,
      pm10: 10,
      co2: 1,
      temperature: 100,
      humidity: 100,
      voc: 1,
      nox: 1,
    };
    for (const [key, perUnit] of Object.entries(steps))
      columns[key] = readings.map(({ values }) => {
        const value = values[key as keyof Measurement];
        return value === undefined ? undefined : Math.round(value * perUnit);
      });
    const batch: Record<string, unknown> = { epoch: EPOCH, seq: readings[0]!.seq };
    for (const [key, cells] of Object.entries(columns)) {
      let previous = 0;
      if (cells.every((cell) => cell === undefined)) continue;
      batch[key] = cells.map((cell) => {
        if (cell === undefined) return null;
        const difference = cell - previous;
        previous = cell;
        return difference;
      });
    }
    return JSON.stringify(batch).length;
  }
});

test("an hour of the simulated home fits one batch and compresses to less than a third", () => {
  const { json, count } = formatBatch(blockOf(homeReadings(60, 18)), EPOCH);
  expect(count).toBe(60);
  expect(zlibEncode(json).length).toBeLessThan(json.length / 3);
});
