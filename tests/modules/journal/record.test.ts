import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeRecord,
  encodeDate,
  encodeMark,
  encodeReading,
  encodeReopen,
  MAX_RECORD_BYTES,
  recordLength,
  type SectorBase,
} from "../../../modules/journal/record";
import { RecordScanner } from "../../../modules/journal/record-scanner";
import { QUANTITY_NAMES } from "../../../modules/telemetry/quantities";
import type { Measurement, Quantity, Stamp } from "../../../modules/telemetry/reading";
import { sample } from "../../support/journal-rig";
import { RESOLUTION } from "../../support/quantities";
import { FUZZ_CASES, fuzz } from "../../support/volume";

const BASE: SectorBase = { generation: 7, firstSeq: 1000, boot: 12, unixSecondsAtBoot: 1_790_000_000 };
const u32 = fc.nat(0xffffffff);
const base = fc.record({ generation: u32, firstSeq: fc.nat(2 ** 31), boot: u32, unixSecondsAtBoot: u32 });
const steps = fc.record(
  Object.fromEntries(
    Object.keys(RESOLUTION).map((quantity) => [
      quantity,
      fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
    ]),
  ),
  { requiredKeys: [] },
);
const stamp = fc.record(
  { boot: u32, uptimeSeconds: u32, unixSeconds: u32 },
  { requiredKeys: ["boot", "uptimeSeconds"] },
);

/** What the journal keeps: whole multiples of the resolution. */
function fromSteps(raw: Partial<Record<string, number>>): Measurement {
  const values: Measurement = {};
  for (const quantity of Object.keys(RESOLUTION) as Quantity[]) {
    const step = raw[quantity];
    if (step !== undefined) values[quantity] = step / Math.round(1 / RESOLUTION[quantity]);
  }
  return values;
}

function roundTrip(at: SectorBase, encode: (into: Uint8Array) => number) {
  const bytes = new Uint8Array(MAX_RECORD_BYTES);
  const length = encode(bytes);
  expect(recordLength(bytes, 0, length, at.generation)).toBe(length);
  return decodeRecord(bytes, 0, length, at);
}

describe("records", () => {
  it("give back any reading, to the step of its resolution", () => {
    fc.assert(
      fc.property(base, fc.nat(2 ** 31), steps, stamp, (at, ahead, raw, when) => {
        const values = fromSteps(raw);
        const seq = at.firstSeq + ahead;
        const record = roundTrip(at, (into) => encodeReading(into, at, seq, values, when as Stamp));
        if (record?.kind !== "reading") throw new Error("no reading");
        const kept = record.reading.values;
        // What a sensor can say fits; of numbers beyond it the last of the later quantities go.
        const missing = Object.keys(values).filter((quantity) => !(quantity in kept)) as Quantity[];
        const later = QUANTITY_NAMES.slice(9).filter((quantity) => quantity in values);
        expect(missing.sort()).toEqual(later.slice(later.length - missing.length).sort());
        for (const quantity of missing) delete values[quantity];
        expect(record).toEqual({ kind: "reading", reading: { seq, ...when, values } });
      }),
      fuzz(),
    );
  });

  it("hold all quantities at once, each at the end of what its sensor can say", () => {
    const most = {
      ...{ pm1: 1000, pm2_5: 1000, pm4: 1000, pm10: 1000, co2: 40_000, temperature: 70, humidity: 100 },
      ...{ voc: 500, nox: 500, hcho: 1000, nc0_5: 3000, nc1: 3000, nc2_5: 3000, nc4: 3000, nc10: 3000 },
      ...{ particleSize: 10, vocRaw: 65_535, noxRaw: 65_535 },
    } satisfies Record<Quantity, number>;
    // A sector that was begun before the time was known, and the second month of that boot.
    const at = { ...BASE, unixSecondsAtBoot: 0 };
    const when = { boot: 12, uptimeSeconds: 60 * 86_400, unixSeconds: 1_795_184_000 };
    const record = roundTrip(at, (into) => encodeReading(into, at, 1400, most, when));
    expect(record).toEqual({ kind: "reading", reading: { seq: 1400, ...when, values: most } });
  });

  it("keep the flags apart from the quantities, however many there are", () => {
    const values = Object.fromEntries(QUANTITY_NAMES.map((quantity) => [quantity, 1]));
    const undated = { boot: 12, uptimeSeconds: 60 };
    const record = roundTrip(BASE, (into) => encodeReading(into, BASE, 1000, values, undated));
    expect(record).toEqual({ kind: "reading", reading: { seq: 1000, ...undated, values } });
  });

  it("have the quantities in an order that never changes: a new one goes to the end", () => {
    expect(QUANTITY_NAMES.slice(0, 18)).toEqual([
      ...["pm1", "pm2_5", "pm4", "pm10", "co2", "temperature", "humidity", "voc", "nox"],
      ...["hcho", "nc0_5", "nc1", "nc2_5", "nc4", "nc10", "particleSize", "vocRaw", "noxRaw"],
    ]);
    // The mask of the later ones has two bytes up to here.
    expect(QUANTITY_NAMES.length).toBeLessThanOrEqual(9 + 14);
  });

  it("give back any mark and date", () => {
    fc.assert(
      fc.property(base, u32, fc.nat(20_000), u32, u32, (at, first, more, boot, unixSecondsAtBoot) => {
        expect(roundTrip(at, (into) => encodeMark(into, at, first, first + more))).toEqual({
          kind: "mark",
          first,
          last: first + more,
        });
        expect(roundTrip(at, (into) => encodeDate(into, at, boot, unixSecondsAtBoot))).toEqual({
          kind: "date",
          boot,
          unixSecondsAtBoot,
        });
        expect(roundTrip(at, (into) => encodeReopen(into, at, first))).toEqual({ kind: "reopen", first });
      }),
      fuzz(),
    );
  });

  it("give the decimal that was meant, not a product of binary fractions", () => {
    const record = roundTrip(BASE, (into) =>
      encodeReading(into, BASE, 1000, { pm1: 12.3, temperature: -0.07, co2: 419.6 }, sample(0).stamp),
    );
    expect(record).toMatchObject({ reading: { values: { pm1: 12.3, temperature: -0.07, co2: 420 } } });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e12])("leave out a value that is %s", (pm1) => {
    const record = roundTrip(BASE, (into) =>
      encodeReading(into, BASE, 1000, { pm1, co2: 400 }, sample(0).stamp),
    );
    expect(record).toMatchObject({ reading: { values: { co2: 400 } } });
    expect(record).not.toHaveProperty("reading.values.pm1");
  });

  it("do not count with a bit changed, or in a sector of another generation", () => {
    const bytes = new Uint8Array(MAX_RECORD_BYTES);
    const length = encodeReading(bytes, BASE, 1001, sample(1).values, sample(1).stamp);
    for (let bit = 0; bit < length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(recordLength(bytes, 0, bytes.length, BASE.generation)).toBe(0);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(recordLength(bytes, 0, length, BASE.generation + 144)).toBe(0);
    expect(recordLength(bytes, 0, length - 1, BASE.generation)).toBe(0);
  });

  it("take 32 bytes or fewer for a usual reading of nine quantities, and 12 for a mark", () => {
    const bytes = new Uint8Array(MAX_RECORD_BYTES);
    for (let n = 0; n < 1440; n++) {
      const { values, stamp: when } = sample(n);
      expect(
        encodeReading(bytes, { ...BASE, firstSeq: 1000 }, 1000 + (n % 140), values, when),
      ).toBeLessThanOrEqual(32);
    }
    expect(encodeMark(bytes, BASE, 900, 904)).toBeLessThanOrEqual(12);
  });
});

describe("RecordScanner", () => {
  function scanner(cells: Uint8Array): RecordScanner {
    const found = new RecordScanner({ read: (into, at) => into.set(cells.subarray(at, at + into.length)) });
    found.start(BASE, 0, cells.length);
    return found;
  }

  it("finds the records behind any damage, counts it, and knows where writing may go on", () => {
    const cells = new Uint8Array(4096).fill(0xff);
    const bytes = new Uint8Array(MAX_RECORD_BYTES);
    let at = 0;
    const put = (seq: number, keep = 1): void => {
      const length = encodeReading(bytes, BASE, seq, sample(seq).values, sample(seq).stamp);
      const kept = Math.ceil(length * keep);
      cells.set(bytes.subarray(0, kept), at);
      at += kept;
    };
    put(1000);
    put(1001, 0.6);
    put(1001);
    put(1002);
    put(1003, 0.2);
    const scan = scanner(cells);
    const found: unknown[] = [];
    for (let record = scan.next(); record; record = scan.next())
      found.push(record.kind === "reading" && record.reading.seq);
    expect(found).toEqual([1000, 1001, 1002]);
    expect(scan.torn).toBe(2);
    expect(scan.used).toBe(at);
  });

  it("ends on any bytes, finds nothing in them, and reads each part about once", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 100, maxLength: 2000 }), (cells) => {
        const scan = scanner(cells);
        expect(scan.next()).toBeUndefined();
        expect(scan.used).toBeLessThanOrEqual(cells.length);
      }),
      fuzz(Math.min(FUZZ_CASES, 20_000)),
    );
  });
});
