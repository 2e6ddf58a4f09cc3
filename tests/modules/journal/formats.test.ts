import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FlashJournal } from "../../../modules/journal/flash-journal";
import { HEADER_BYTES, parseHeader } from "../../../modules/journal/sector-header";
import { QUANTITY_NAMES, type Quantity, STEPS } from "../../../modules/telemetry/quantities";
import type { Measurement } from "../../../modules/telemetry/reading";
import { type NorFlash, PowerCut } from "../../../sim/device/nor-flash";
import { Flash } from "../../../sim/sdk/flash";
import { FlashJournal as NineQuantities } from "../../fixtures/nine-quantities/journal.mjs";
import { appendSample, chipOf, drain, openJournal, sample, seqs } from "../../support/journal-rig";
import { openNextRelease } from "../../support/next-release";
import { fuzz, LONG } from "../../support/volume";

/** What release 1 (commit 542bcbf) left of `tell` in a partition of four sectors of 256 bytes. */
const RELEASE_1 = Buffer.from(
  "QUoBAAQAAAAAAQAAAQDtXgGAdi8BAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAqz6gUQ8AMgAOPAKiBqIfUyBN1w8AMgEOeASkBqQfTWVfcxAAMgIOtAEGpgamHzjjEuMQADIDDvABCKgGqB/NQkGFEAAyBA6sAgqqBqofACc+YRUCMgUO6AKA7omrDQysBqwff2vhLRUCMgYOpAOA7omrDQ6uBq4ffJKYRxUCMgcO4AOA7omrDRCwBrAfFcmlUhUCMggOnASA7omrDRKyBrIffF217hUCMgkO2ASA7omrDRS0BrQffz2uvBUCMgoOlAWA7omrDRa2BrYffMTX1kFKAQAEAAAAAAEAAAEA7V4CgHYvDAAAAAEAAAAAAAAAAAAAAAAAAAAHAAAAgDuxanl1aQ0RAjIAANAFABi4Brgfo/loKxECMgEAjAYAGroGuh/glzQVCEABAcZL/mMIgAAAUdxNnAhAFQWKWD1KEQIyAgLIBgAcvAa8H4jFU4ERAjIDAoQHAB6+Br4fyYsrVBECMgQCwAcAIMAGwB+X2W0/EQIyBQL8BwAiwgbCH/INMuARAjIGArgIACTEBsQf9QfrrBECMgcC9AgAJsYGxh8AQuTfEQIyCAKwCQAoyAbIH/I6I+QRAjIJAuwJACrKBsofLE6X6/////////////9BSgEABAAPAAABAAABAO1eA4B2LxYAAAAHAAAACAAAAAAAAAAAAAAACAAAAIA7sWoggzvFAQQBAQeA98TVBg2EjL7fEQIyAACoCgAszAbMH5VPrIQRAjIBAOQKAC7OBs4fYAqj9xECMgIAoAsAMNAG0B9QQGOsEQIyAwDcCwAy0gbSH9hWoVoRAjIEAJgMADTUBtQfwrJ8LBECMgUA1AwANtYG1h8393NfCEADASFOdOk=",
  "base64",
);
const EPOCH = 0x5eed0001;

const small = (): NorFlash => chipOf(4, 256);
const open = (chip: NorFlash): FlashJournal => openJournal(chip, EPOCH);
const stampOf = (n: number) => ({
  ...{ boot: n < 14 ? 7 : 8, uptimeSeconds: 60 * n },
  ...(n > 5 && { unixSeconds: 1_790_000_000 + 60 * n }),
});
const valuesOf = (n: number) => ({ pm2_5: n / 10, co2: 400 + n, temperature: (2000 + n) / 100 });

function tell(chip: NorFlash): FlashJournal {
  let journal = open(chip);
  for (let n = 1; n <= 13; n++) journal.append(valuesOf(n), stampOf(n));
  journal.mark(11, 12);
  journal.date(7, 1_790_000_000);
  journal.mark(1, 6);
  journal = open(chip);
  for (let n = 14; n <= 27; n++) journal.append(valuesOf(n), stampOf(n));
  journal.mark(20, 21);
  return journal;
}

describe("release 1", () => {
  it("reads what this firmware writes: the bytes are its own", () => {
    const chip = small();
    tell(chip);
    expect(Buffer.from(chip.cells).subarray(0, RELEASE_1.length).equals(RELEASE_1)).toBe(true);
    expect(chip.cells.subarray(RELEASE_1.length).every((byte) => byte === 0xff)).toBe(true);
  });

  it("left a journal that this firmware reads and goes on with", () => {
    const chip = small();
    chip.cells.set(RELEASE_1);
    const journal = open(chip);
    expect([journal.epoch, journal.formatted]).toEqual(["5eed0001", undefined]);
    expect(journal.counts).toEqual({
      ...{ written: 27, acknowledged: 10, dropped: 0, torn: 0, pending: 17, kept: 0 },
    });
    const waiting = [7, 8, 9, 10, 13, 14, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 27];
    const readings = drain(journal);
    expect(seqs(readings)).toEqual(waiting);
    for (const { seq, values, unixSeconds } of readings) {
      expect(values).toEqual(valuesOf(seq));
      expect(unixSeconds).toBe(1_790_000_000 + 60 * seq);
    }
    expect(journal.append(valuesOf(28), stampOf(28))).toBe(28);
    expect(seqs(drain(open(chip)))).toEqual([...waiting, 28]);
  });
});

describe("firmware that knows nine quantities (tests/fixtures/nine-quantities)", () => {
  const openOld = (chip: NorFlash, epoch = 0xabcdef): FlashJournal =>
    new NineQuantities({ flash: new Flash(chip), newEpoch: () => epoch });
  /** What only newer firmware knows, as one sensor or another has it. */
  const MORE: Measurement[] = [
    { hcho: 12.3 },
    { nc0_5: 1.1, nc1: 2.2, nc2_5: 3.3, nc4: 4.4, nc10: 5.5, particleSize: 0.543 },
    { vocRaw: 30_123, noxRaw: 16_001 },
    {},
  ];
  const first = (values: Measurement): Measurement =>
    Object.fromEntries(QUANTITY_NAMES.slice(0, 9).map((quantity) => [quantity, values[quantity]]));
  const wide = (n: number) => {
    const { values, stamp } = sample(n);
    const { boot, uptimeSeconds } = stamp;
    return {
      values: { ...values, ...MORE[n % 4], ...MORE[(n >> 2) % 4] },
      stamp: n % 5 === 0 ? { boot, uptimeSeconds } : stamp,
    };
  };

  it("left a journal that this firmware reads to the last value, and goes on with in any of its sectors", () => {
    const chip = chipOf(6, 512);
    const old = openOld(chip);
    for (let n = 1; n <= 40; n++) {
      const { values, stamp } = wide(n);
      expect(old.append(first(values), stamp)).toBe(n);
    }
    old.mark(1, 4);
    const journal = openJournal(chip, 0x777);
    expect([journal.epoch, journal.formatted, journal.counts.torn]).toEqual(["00abcdef", undefined, 0]);
    const readings = drain(journal);
    expect(seqs(readings)).toEqual(Array.from({ length: 36 }, (_, i) => i + 5));
    for (const { seq, values, ...when } of readings)
      expect({ values, when }).toEqual({ values: first(wide(seq).values), when: wide(seq).stamp });
    expect(journal.append(wide(41).values, wide(41).stamp)).toBe(41);
    expect(drain(openJournal(chip)).at(-1)?.values).toEqual(wide(41).values);
  });

  it("reads the journal that this firmware leaves: each reading, its time, and the nine quantities that it knows", () => {
    const chip = chipOf(6, 512);
    const journal = openJournal(chip);
    for (let n = 1; n <= 25; n++) expect(journal.append(wide(n).values, wide(n).stamp)).toBe(n);
    journal.mark(3, 6);
    const old = openOld(chip, 0x777);
    expect([old.epoch, old.formatted]).toEqual(["00abcdef", undefined]);
    expect(old.counts).toEqual(journal.counts);
    const readings = drain(old);
    expect(seqs(readings)).toEqual([1, 2, ...Array.from({ length: 19 }, (_, i) => i + 7)]);
    for (const { seq, values, ...when } of readings)
      expect({ values, when }).toEqual({ values: first(wide(seq).values), when: wide(seq).stamp });
  });

  it("finds the same bytes as it writes itself where a monitor has no more than its nine quantities", () => {
    const chips = [openOld, openJournal].map((openOne) => {
      const chip = chipOf(6, 512);
      const journal = openOne(chip);
      for (let n = 1; n <= 40; n++) journal.append(first(wide(n).values), wide(n).stamp);
      journal.mark(2, 9);
      return Buffer.from(chip.cells).toString("hex");
    });
    expect(chips[0]).toBe(chips[1]);
  });

  it("and this one may take turns, with any values: no reading is lost, given twice or misdated", () => {
    const steps = fc.oneof(fc.nat(65_535), fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }));
    const some = fc.dictionary(fc.constantFrom(...QUANTITY_NAMES), steps, { noNullPrototype: true });
    const all = fc.record(Object.fromEntries(QUANTITY_NAMES.map((quantity) => [quantity, steps])));
    const values = fc.oneof(some, all);
    const turn = fc.tuple(fc.boolean(), fc.array(values, { minLength: 1, maxLength: 12 }));
    fc.assert(
      fc.property(fc.array(turn, { minLength: 2, maxLength: 6 }), (turns) => {
        const chip = chipOf(24, 512);
        const given = new Map<number, Measurement>();
        for (const [isOld, rows] of turns) {
          const journal = isOld ? openOld(chip) : openJournal(chip);
          expect(journal.formatted === undefined || given.size === 0).toBe(true);
          for (const raw of rows) {
            const kept: Measurement = {};
            for (const [name, value] of Object.entries(raw)) {
              const quantity = name as Quantity;
              if (!isOld || QUANTITY_NAMES.indexOf(quantity) < 9) kept[quantity] = value / STEPS[quantity];
            }
            const seq = journal.append(kept, { boot: 12, uptimeSeconds: 60 * given.size });
            expect(given.has(seq)).toBe(false);
            given.set(seq, kept);
          }
        }
        const readOld = drain(openOld(chip));
        const readNew = drain(openJournal(chip));
        expect(seqs(readOld)).toEqual([...given.keys()]);
        expect(seqs(readNew)).toEqual([...given.keys()]);
        for (const { seq, values, uptimeSeconds } of readOld) {
          expect(values).toEqual(stripped(first(given.get(seq)!)));
          expect(uptimeSeconds).toBe(60 * (seq - 1));
        }
        for (const { seq, values } of readNew) expect(given.get(seq)).toMatchObject(values);
      }),
      fuzz(LONG ? 5_000 : 100),
    );
  });
});

/** Without what is undefined. */
const stripped = (values: Measurement): Measurement =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** First bytes of the sectors that a newer firmware wrote, by sector. */
function newerSectors(chip: NorFlash): Map<number, string> {
  const found = new Map<number, string>();
  for (let at = 0; at < chip.byteLength; at += chip.sectorLength) {
    const header = parseHeader(chip.cells.subarray(at, at + HEADER_BYTES));
    if (typeof header === "object" && header.isNewer)
      found.set(at, Buffer.from(chip.cells.subarray(at, at + chip.sectorLength)).toString("hex"));
  }
  return found;
}

describe("a release of another format that is rolled back", () => {
  /** Twenty readings of ours, and fifteen more after an update, of which some lie in a sector of the new format. */
  function rolledBack(chip = chipOf(6, 512)): NorFlash {
    const journal = openJournal(chip);
    for (let n = 1; n <= 20; n++) appendSample(journal, n);
    journal.mark(1, 4);
    const next = openNextRelease(chip);
    for (let n = 21; n <= 35; n++) appendSample(next, n);
    return chip;
  }
  /** The first number in the oldest sector of the new format. */
  const firstNewer = (chip: NorFlash): number =>
    Math.min(
      ...[...newerSectors(chip).keys()].map((at) => {
        const header = parseHeader(chip.cells.subarray(at, at + HEADER_BYTES));
        return typeof header === "object" ? header.firstSeq : Number.POSITIVE_INFINITY;
      }),
    );

  it("takes no reading with it: all that this firmware can read still waits, and it says what it cannot", () => {
    const chip = rolledBack();
    const first = firstNewer(chip);
    expect(first).toBeGreaterThan(20);
    const journal = openJournal(chip, 0x777);
    expect([journal.epoch, journal.formatted]).toEqual(["00abcdef", undefined]);
    expect(seqs(drain(journal))).toEqual(Array.from({ length: first - 5 }, (_, i) => i + 5));
    expect(journal.counts).toMatchObject({ acknowledged: 4, dropped: 0, torn: 0 });
    expect(journal.counts.kept).toBeGreaterThanOrEqual(35 - first + 1);
  });

  it("loses none of its own either: no sector of it is written or erased, and no number given again", () => {
    const chip = rolledBack();
    const before = newerSectors(chip);
    expect(before.size).toBeGreaterThan(0);
    const journal = openJournal(chip);
    const given = Array.from({ length: 20 }, (_, i) => appendSample(journal, 36 + i));
    expect(given[0]).toBeGreaterThan(35);
    expect(newerSectors(chip)).toEqual(before);
    expect(seqs(drain(openJournal(chip))).slice(-20)).toEqual(given);
  });

  it("finds everything when it comes back, each reading once", () => {
    const chip = rolledBack();
    const between = openJournal(chip);
    const own = new Map(Array.from({ length: 20 }, (_, i) => [appendSample(between, 36 + i), 36 + i]));
    between.mark(5, 9);
    const next = openNextRelease(chip);
    const readings = drain(next);
    const wanted = [...Array.from({ length: 26 }, (_, i) => i + 10), ...own.keys()];
    expect(seqs(readings)).toEqual(wanted);
    for (const { seq, values } of readings) expect(values).toEqual(sample(own.get(seq) ?? seq).values);
    expect(next.counts.kept).toBe(0);
  });

  it("is dropped when the ring has come round to it, as any reading is, and counted", () => {
    const chip = rolledBack();
    const journal = openJournal(chip);
    const { kept } = journal.counts;
    for (let n = 0; n < 90; n++) expect(appendSample(journal, n)).toBeGreaterThan(35);
    expect(newerSectors(chip).size).toBe(0);
    const { counts } = journal;
    expect(counts.kept).toBe(0);
    expect(counts.dropped).toBeGreaterThanOrEqual(kept);
    expect(counts.written).toBe(counts.acknowledged + counts.dropped + counts.torn + counts.pending);
    expect(openJournal(chip).counts).toEqual(counts);
  });

  it("may have written all that there is: nothing is formatted, and new readings find a place", () => {
    const chip = chipOf(6, 512);
    const next = openNextRelease(chip);
    for (let n = 1; n <= 100; n++) appendSample(next, n);
    const before = newerSectors(chip);
    expect(before.size).toBe(6);
    const journal = openJournal(chip, 0x777);
    expect([journal.epoch, journal.formatted, drain(journal)]).toEqual(["00abcdef", undefined, []]);
    const seq = appendSample(journal, 101);
    expect(seq).toBeGreaterThan(100);
    expect(newerSectors(chip).size).toBe(5);
    expect(seqs(drain(openJournal(chip)))).toEqual([seq]);
    expect(seqs(drain(openNextRelease(chip))).at(-1)).toBe(seq);
  });

  it("costs nobody a reading when the power is cut anywhere on the way", () => {
    const whole = rolledBack();
    const ours = seqs(drain(openJournal(whole)));
    const copy = (): NorFlash => {
      const chip = chipOf(6, 512, () => 0.5);
      chip.cells.set(whole.cells);
      return chip;
    };
    for (let cut = 0; cut < 1_100; cut += LONG ? 1 : 5) {
      const chip = copy();
      chip.cutAfter(cut);
      const given: number[] = [];
      try {
        const journal = openJournal(chip);
        for (let n = 36; n < 50; n++) given.push(appendSample(journal, n));
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
      chip.powerOn();
      const journal = openJournal(chip, 0x777);
      expect(journal.formatted).toBeUndefined();
      expect(seqs(drain(journal)).slice(0, ours.length + given.length)).toEqual([...ours, ...given]);
      expect(seqs(drain(openNextRelease(chip)))).toEqual(expect.arrayContaining([...ours, 35, ...given]));
    }
  });

  it("and is put on again, any number of times, never loses or confuses a reading", () => {
    const phase = fc.record({
      next: fc.boolean(),
      appends: fc.integer({ min: 0, max: 14 }),
      marks: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(phase, { minLength: 2, maxLength: 7 }), (phases) => {
        const chip = chipOf(12, 512);
        const given = new Map<number, number>();
        const acknowledged = new Set<number>();
        let n = 0;
        for (const { next, appends, marks } of phases) {
          const journal = next ? openNextRelease(chip) : openJournal(chip);
          for (let i = 0; i < appends; i++) {
            const seq = appendSample(journal, ++n);
            expect(given.has(seq)).toBe(false);
            given.set(seq, n);
          }
          const batch = seqs(journal.read(1, marks));
          if (batch.length > 0) expect(journal.mark(batch[0]!, batch.at(-1)!)).toBe(true);
          for (const seq of batch) acknowledged.add(seq);
        }
        const journal = openNextRelease(chip);
        expect(journal.formatted === undefined || given.size === 0).toBe(true);
        const found = drain(journal);
        for (const { seq, values } of found) expect(values).toEqual(sample(given.get(seq)!).values);
        const there = new Set(seqs(found));
        expect(there.size).toBe(found.length);
        for (const seq of given.keys()) expect(there.has(seq) || acknowledged.has(seq)).toBe(true);
        expect(journal.counts.dropped).toBe(0);
      }),
      fuzz(LONG ? 5_000 : 100),
    );
  });
});

describe("a newer format that this firmware's readers understand, as its header says", () => {
  it("is read, gone on with and read by its own release again", () => {
    const chip = chipOf(6, 512);
    const next = openNextRelease(chip, 1);
    for (let n = 1; n <= 30; n++) appendSample(next, n);
    const journal = openJournal(chip);
    expect([journal.formatted, journal.counts.kept]).toEqual([undefined, 0]);
    for (let n = 31; n <= 40; n++) expect(appendSample(journal, n)).toBe(n);
    const all = Array.from({ length: 40 }, (_, i) => i + 1);
    expect(seqs(drain(journal))).toEqual(all);
    expect(seqs(drain(openNextRelease(chip, 1)))).toEqual(all);
  });
});
