import fc from "fast-check";
import { expect, it } from "vitest";
import { appendSample, chipOf, drain, openJournal, sample } from "../../support/journal-rig";
import { FUZZ_CASES, fuzz } from "../../support/volume";

const SECTORS = 6;
const SECTOR_BYTES = 512;
const APPENDED = 110;

/** A partition in full use: wrapped, with islands, a date and pending readings. */
function used(): Uint8Array {
  const chip = chipOf(SECTORS, SECTOR_BYTES);
  const journal = openJournal(chip, 0x1111);
  for (let n = 1; n <= APPENDED; n++) {
    const seq = appendSample(journal, n);
    if (n === 60) journal.date(11, 1_780_000_000);
    if (n % 10 === 0) journal.mark(seq - 2, seq);
  }
  return chip.cells;
}

const CELLS = used();
const at = fc.nat(SECTORS * SECTOR_BYTES - 1);
const sector = fc.nat(SECTORS - 1);
type Damage = (cells: Uint8Array) => void;
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(at, fc.nat(7)).map(
    ([offset, bit]): Damage =>
      (cells) => {
        cells[offset]! ^= 1 << bit;
      },
  ),
  fc.tuple(at, fc.nat(600), fc.constantFrom(0, 0xff, 0x41)).map(([from, length, byte]): Damage => {
    return (cells) => cells.fill(byte, from, from + length);
  }),
  fc.tuple(at, fc.uint8Array({ maxLength: 700 })).map(([from, bytes]): Damage => {
    return (cells) => cells.set(bytes.subarray(0, cells.length - from), from);
  }),
  fc.tuple(sector, sector).map(([from, to]): Damage => {
    return (cells) => cells.copyWithin(to * SECTOR_BYTES, from * SECTOR_BYTES, (from + 1) * SECTOR_BYTES);
  }),
);

it("a partition damaged in any way opens, gives only readings that were appended, and takes new ones", () => {
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 8 }), (damages) => {
      const chip = chipOf(SECTORS, SECTOR_BYTES);
      chip.cells.set(CELLS);
      for (const apply of damages) apply(chip.cells);

      const journal = openJournal(chip, 0x2222);
      expect(["00001111", "00002222"]).toContain(journal.epoch);
      const { written } = journal.counts;
      for (const reading of drain(journal)) {
        const { values, stamp } = sample(reading.seq);
        if (JSON.stringify(reading.values) !== JSON.stringify(values))
          expect(reading).toEqual({ ...stamp, values });
      }
      expect(written).toBeLessThanOrEqual(APPENDED);
      expect(appendSample(journal, written + 1)).toBe(written + 1);

      const next = openJournal(chip, 0x3333);
      expect([next.epoch, next.formatted]).toEqual([journal.epoch, undefined]);
      expect(drain(next).at(-1)?.seq).toBe(written + 1);
    }),
    fuzz(Math.min(FUZZ_CASES, 20_000)),
  );
});

it("a partition of random bytes is formatted, or erased as it came, and works", () => {
  const length = SECTORS * SECTOR_BYTES;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: length, maxLength: length }), fc.boolean(), (bytes, ours) => {
      const chip = chipOf(SECTORS, SECTOR_BYTES);
      chip.cells.set(bytes);
      if (ours) for (let i = 0; i < SECTORS; i++) chip.cells.set([0x41, 0x4a, 1, 0], i * SECTOR_BYTES);
      // Two random bytes may be ours too.
      const isOurs = chip.cells.some(
        (byte, at) => at % SECTOR_BYTES === 0 && byte === 0x41 && chip.cells[at + 1] === 0x4a,
      );
      const journal = openJournal(chip, 0x2222);
      expect(journal.formatted).toBe(isOurs ? "corrupt" : "foreign");
      expect([journal.epoch, drain(journal)]).toEqual(["00002222", []]);
      expect(appendSample(journal, 1)).toBe(1);
      expect(drain(openJournal(chip)).length).toBe(1);
    }),
    fuzz(300),
  );
});
