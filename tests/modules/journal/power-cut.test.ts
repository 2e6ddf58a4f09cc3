import { describe, expect, it } from "vitest";
import type { FlashJournal } from "../../../modules/journal/flash-journal";
import type { JournalCounts } from "../../../modules/journal/journal";
import type { Reading } from "../../../modules/telemetry/reading";
import { type NorFlash, PowerCut, type Tear } from "../../../sim/device/nor-flash";
import { appendSample, chipOf, drain, openJournal, sample, seeded, seqs } from "../../support/journal-rig";
import { LONG, SEED } from "../../support/volume";

/** What the firmware does with its journal, one step. */
interface Operation {
  readonly name: string;
  run(journal: FlashJournal): void;
}

const append = (n: number): Operation => ({
  name: `append ${n}`,
  run: (journal) => appendSample(journal, n),
});
const appendUndated = (n: number): Operation => ({
  name: `append ${n} undated`,
  run: (journal) => {
    const { unixSeconds: _, ...stamp } = sample(n).stamp;
    journal.append(sample(n).values, stamp);
  },
});
const markOldest = (count: number): Operation => ({
  name: `mark ${count} of the oldest`,
  run: (journal) => {
    const batch = seqs(journal.read(1, count));
    if (batch.length > 0) journal.mark(batch[0]!, batch.at(-1)!);
  },
});
const markFresh: Operation = {
  name: "mark the freshest",
  run: (journal) => journal.mark(journal.counts.written, journal.counts.written),
};
const date: Operation = { name: "date", run: (journal) => journal.date(12, 1_790_000_000) };

/** Fills the ring until it drops, with fresh readings marked ahead, wraps it while draining, and drains it. */
function script(): Operation[] {
  const operations: Operation[] = [appendUndated(0), appendUndated(1), date];
  let n = 2;
  for (; n < 48; n++) {
    operations.push(append(n));
    if (n % 9 === 8) operations.push(markFresh);
  }
  for (; n < 74; n++) {
    operations.push(append(n));
    if (n % 3 === 0) operations.push(markOldest(4));
    if (n % 7 === 0) operations.push(markFresh);
  }
  for (let batch = 0; batch < 12; batch++) operations.push(markOldest(3));
  operations.push(append(n));
  return operations;
}

interface Contents {
  readonly pending: readonly Reading[];
  readonly counts: JournalCounts;
}

const contents = (journal: FlashJournal): Contents => ({ pending: drain(journal), counts: journal.counts });

/** Bytes that the operations programmed and erased: the places where power can go. */
const worked = ({ counts, sectorLength }: NorFlash): number =>
  counts.programmedBytes + counts.erases * sectorLength;

/**
 * After a cut in an operation that would have led from `before` to `after`, what may be there: all of it, nothing of
 * it, or nothing but that the oldest sector was dropped to make room. As text: thousands of comparisons a second.
 */
function outcomes(before: Contents, after: Contents): Set<string> {
  const dropped = after.counts.dropped - before.counts.dropped;
  const droppedOnly: Contents = {
    pending: before.pending.slice(dropped),
    counts: {
      ...before.counts,
      dropped: before.counts.dropped + dropped,
      pending: before.counts.pending - dropped,
    },
  };
  return new Set([before, droppedOnly, after].map(comparable));
}

/** Without the count of torn writes, which a cut may raise. */
const comparable = ({ pending, counts }: Contents): string =>
  JSON.stringify([pending, { ...counts, torn: 0 }]);

/** Cuts each operation of the script at every `step`th byte of its work. Returns the number of cuts. */
function cutEverywhere(
  sectors: number,
  sectorLength: number,
  tear: Tear,
  step: number,
  seed: number,
): number {
  const random = seeded(seed);
  const chip = chipOf(sectors, sectorLength, random);
  openJournal(chip);
  let cuts = 0;
  let before = contents(openJournal(chip));
  for (const [i, operation] of script().entries()) {
    const cellsBefore = chip.cells.slice();
    const workBefore = worked(chip);
    const journal = openJournal(chip);
    operation.run(journal);
    const work = worked(chip) - workBefore;
    const after = contents(journal);
    const cellsAfter = chip.cells.slice();
    expect(contents(openJournal(chip))).toEqual(after);
    const allowed = outcomes(before, after);

    for (let at = step > 1 ? Math.floor(random() * step) : 0; at < work; at += step) {
      chip.cells.set(cellsBefore);
      const cut = openJournal(chip);
      chip.cutAfter(at, tear);
      expect(() => operation.run(cut), operation.name).toThrow(PowerCut);
      cuts++;
      chip.powerOn();
      const recovered = openJournal(chip, 0xdead);
      const found = contents(recovered);
      const where = `${operation.name}, cut at byte ${at} of ${work}`;
      if (!allowed.has(comparable(found))) expect(found, where).toEqual(after);
      if (found.counts.torn > after.counts.torn + 1)
        expect(found.counts.torn, where).toBe(after.counts.torn + 1);

      // Life goes on: the next reading is kept too, and the next boot finds the same.
      if (!LONG && cuts % 4 !== 0) continue;
      const seq = appendSample(recovered, 900 + i);
      const next = contents(openJournal(chip));
      if (seq !== found.counts.written + 1 || next.pending.at(-1)?.seq !== seq)
        expect(next.pending.at(-1)?.seq, where).toBe(found.counts.written + 1);
      if (JSON.stringify(next) !== JSON.stringify(contents(recovered)))
        expect(next, where).toEqual(contents(recovered));
    }
    chip.cells.set(cellsAfter);
    before = after;
  }
  // The script has filled, wrapped and drained the ring.
  expect(before.counts.dropped).toBeGreaterThan(0);
  expect(before.counts.acknowledged).toBeGreaterThan(0);
  expect(before.counts.pending).toBeLessThan(8);
  return cuts;
}

describe("a power cut", () => {
  it("at every byte of every operation loses nothing, brings nothing back, reads nothing torn", () => {
    const cuts = cutEverywhere(5, 256, "in-order", 1, SEED);
    expect(cuts).toBeGreaterThan(6_000);
  });

  it("does not either when the chip had done its bytes in any order", () => {
    for (let round = 0; round < (LONG ? 4 : 1); round++)
      cutEverywhere(5, 256, "scattered", LONG ? 1 : 9, SEED + round);
  });

  it("does not in a ring of other sizes", () => {
    cutEverywhere(3, 320, "in-order", LONG ? 1 : 9, SEED);
    cutEverywhere(4, 300, "scattered", LONG ? 1 : 9, SEED);
  });

  it("while formatting leaves a partition that formats again, with nothing of the old journal", () => {
    const chip = chipOf(5, 256, seeded(SEED));
    const old = openJournal(chip, 0x1111);
    for (let n = 0; n < 40; n++) appendSample(old, n);
    for (let sector = 0; sector < 5; sector++) chip.cells[sector * 256 + 20]! ^= 1;
    const cells = chip.cells.slice();
    const workBefore = worked(chip);
    openJournal(chip, 0x2222);
    const work = worked(chip) - workBefore;
    for (let at = 0; at < work; at++) {
      chip.cells.set(cells);
      chip.cutAfter(at);
      expect(() => openJournal(chip, 0x2222)).toThrow(PowerCut);
      chip.powerOn();
      const journal = openJournal(chip, 0x3333);
      // At the last byte the formatting may be done after all.
      expect(["00002222", "00003333"]).toContain(journal.epoch);
      expect(drain(journal)).toEqual([]);
      expect(appendSample(journal, 0)).toBe(1);
    }
  });
});
