// What the ring does with its sectors, looked at on the chip: what is voided, what is left alone, what a start finds.
import { beforeEach, describe, expect, it } from "vitest";
import type { FlashJournal } from "../../../modules/journal/flash-journal";
import { FlashJournal as Journal } from "../../../modules/journal/flash-journal";
import { HEADER_BYTES, parseHeader } from "../../../modules/journal/sector-header";
import type { NorFlash } from "../../../sim/device/nor-flash";
import { Flash } from "../../../sim/sdk/flash";
import { appendSample, chipOf, drain, openJournal, seeded, seqs } from "../../support/journal-rig";

const SECTORS = 6;
const LENGTH = 512;

let chip: NorFlash;
let journal: FlashJournal;
beforeEach(() => {
  chip = chipOf(SECTORS, LENGTH);
  journal = openJournal(chip);
});

const reopen = (): FlashJournal => openJournal(chip, 0x999);
const fill = (count: number): void => {
  for (let n = 0; n < count; n++) appendSample(journal, n);
};
/** Until `sector` has been opened. */
const fillTo = (sector: number): void => {
  while (firstSeqOf(sector) === 0) appendSample(journal, journal.counts.written);
};
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
const headerOf = (sector: number) =>
  parseHeader(chip.cells.subarray(sector * LENGTH, sector * LENGTH + HEADER_BYTES));
function firstSeqOf(sector: number): number {
  const header = headerOf(sector);
  return typeof header === "string" ? 0 : header.firstSeq;
}
const damageDetails = (sector: number): void => {
  chip.cells[sector * LENGTH + HEADER_BYTES + 1]! ^= 1;
};
const damageHeader = (sector: number): void => {
  chip.cells[sector * LENGTH + 20]! ^= 0x10;
};
const bytesOf = (sector: number): Uint8Array => chip.cells.slice(sector * LENGTH, (sector + 1) * LENGTH);

describe("a partition that is formatted", () => {
  it("has every header of ours voided, so that a power cut on the way brings nothing back", () => {
    fillTo(4);
    const half = {
      byteLength: 3 * LENGTH,
      sectorLength: LENGTH,
      read: (offset: number, into: Uint8Array) => chip.read(offset, into),
      program: (offset: number, bytes: Uint8Array) => chip.program(offset, bytes),
      erase: (sector: number) => chip.erase(sector),
    };
    const other = new Journal({ flash: new Flash(half), newEpoch: () => 7 });
    expect(other.formatted).toBe("geometry");
    const voided = range(0, 2).filter((sector) =>
      bytesOf(sector)
        .subarray(0, HEADER_BYTES)
        .every((byte) => byte === 0),
    );
    expect(voided).toEqual([1, 2]);
  });

  it("is left alone where it held something else, but for the sector that is opened", () => {
    const random = seeded(5);
    chip.cells.forEach((_, i) => {
      chip.cells[i] = Math.floor(random() * 255);
    });
    const before = range(0, 5).map(bytesOf);
    journal = reopen();
    expect(journal.formatted).toBe("foreign");
    expect(
      range(0, 5).filter((sector) => !before[sector]!.every((byte, i) => bytesOf(sector)[i] === byte)),
    ).toEqual([0]);
  });

  it("takes an epoch of all 32 bits as it is", () => {
    expect(openJournal(chipOf(3, 256), 0xffff_ffff).epoch).toBe("ffffffff");
    expect(openJournal(chipOf(3, 256), -1).epoch).toBe("ffffffff");
  });
});

describe("a sector that is used again", () => {
  /** What is done to sector 0 until it is opened anew. */
  function operations(): string[] {
    const seen: string[] = [];
    chip.power.onOperation = ({ at, bytes, length }) => {
      if (at === 0)
        seen.push(bytes?.every((byte) => byte === 0) ? `void ${length}` : bytes ? "open" : "erase");
    };
    while (!seen.includes("open")) appendSample(journal, journal.counts.written);
    return seen;
  }

  it("is voided in one write before it is erased where but one reading waits in it, for then it is dropped", () => {
    fillTo(5);
    journal.mark(2, firstSeqOf(1) - 1);
    expect(operations()).toEqual([`void ${HEADER_BYTES}`, "erase", "open"]);
    expect(journal.counts.dropped).toBe(1);
  });

  it("is erased without a word where everything in it was acknowledged", () => {
    fillTo(5);
    journal.mark(1, firstSeqOf(1) - 1);
    expect(operations()).toEqual(["erase", "open"]);
    expect(journal.counts.dropped).toBe(0);
  });

  it("drops what is in it to the last reading and no further, and counts that", () => {
    fillTo(5);
    const next = firstSeqOf(1);
    while (journal.counts.dropped === 0) appendSample(journal, journal.counts.written);
    expect(journal.counts.dropped).toBe(next - 1);
    expect(seqs(journal.read(1, 1))).toEqual([next]);
  });
});

describe("a start", () => {
  it("does without the checkpoint of the newest sector: the one before it tells what is settled", () => {
    fill(5);
    journal.mark(2, 3);
    fillTo(1);
    const before = seqs(drain(journal));
    damageDetails(1);
    expect(seqs(drain(reopen()))).toEqual(before);
  });

  it("keeps the counts of the oldest header where no checkpoint can be read", () => {
    fillTo(1);
    journal.mark(1, 4);
    journal.mark(6, 6);
    while (journal.counts.dropped === 0) appendSample(journal, journal.counts.written);
    const { acknowledged } = journal.counts;
    for (let sector = 0; sector < SECTORS; sector++) damageDetails(sector);
    journal = reopen();
    expect(journal.counts).toMatchObject({ acknowledged, torn: expect.any(Number) });
    expect(acknowledged).toBe(5);
  });

  it("gives no number again that the next sector's header counts on, though its last records are damaged", () => {
    fill(3);
    journal.mark(2, 2);
    fillTo(1);
    const next = firstSeqOf(1);
    const whole = chip.cells.slice();
    damageDetails(1);
    // The one record of the second sector, and the last one of the first.
    const header = headerOf(1) as { detailsLength: number };
    chip.cells[LENGTH + HEADER_BYTES + header.detailsLength + 4]! ^= 1;
    const end = whole.subarray(0, LENGTH).findLastIndex((byte) => byte !== 0xff);
    chip.cells[end - 3]! ^= 1;
    journal = reopen();
    expect(appendSample(journal, 0)).toBeGreaterThanOrEqual(next);
  });

  it("reads a sector in a few pieces, not anew for each of its records", () => {
    fill(14);
    const { reads } = chip.counts;
    expect(journal.read(1, 14)).toHaveLength(14);
    expect(chip.counts.reads - reads).toBeLessThan(7);
  });

  it("counts a stretch that holds no record as torn, once", () => {
    fill(6);
    const whole = chip.cells.slice();
    for (const place of [5, 35]) {
      chip.cells.set(whole);
      chip.cells[HEADER_BYTES + place]! ^= 1;
      expect(reopen().counts.torn).toBe(1);
    }
  });

  it("knows at once what waits, though the oldest sector has lost its header", () => {
    fillTo(5);
    damageHeader(0);
    journal = reopen();
    const found = drain(reopen());
    expect(journal.counts.pending).toBe(found.length);
    expect(found[0]!.seq).toBe(firstSeqOf(1));
  });

  it("takes no sector for its own that another journal of the same size left, nor one of its own earlier round", () => {
    const other = chipOf(SECTORS, LENGTH);
    const before = openJournal(other, 0x55);
    for (let n = 0; n < 50; n++) appendSample(before, n);
    fillTo(1);
    const own = seqs(drain(journal));
    for (const sector of [3, 4])
      chip.cells.set(other.cells.subarray(sector * LENGTH, (sector + 1) * LENGTH), sector * LENGTH);
    expect(seqs(drain(reopen()))).toEqual(own);
    // Its own second sector, as it was, in the place of a later one.
    chip.cells.set(bytesOf(0), 5 * LENGTH);
    journal = reopen();
    expect(seqs(drain(journal))).toEqual(own);
    expect(journal.counts).toMatchObject({ written: own.length, dropped: 0, torn: 0 });
  });

  it("misses the readings of a sector whose header is damaged while it runs, and no others", () => {
    fillTo(5);
    const [first, next] = [firstSeqOf(2), firstSeqOf(3)];
    damageHeader(2);
    const { written } = journal.counts;
    expect(seqs(drain(journal))).toEqual([...range(1, first - 1), ...range(next, written)]);
  });

  it("takes the partition's last sector for what comes before its first", () => {
    fill(50);
    journal.mark(40, 41);
    while (firstSeqOf(0) <= 1 && journal.counts.written < 400) appendSample(journal, journal.counts.written);
    const before = [journal.counts, seqs(drain(journal))];
    journal = reopen();
    expect([journal.counts, seqs(drain(journal))]).toEqual(before);
    damageDetails(0);
    journal = reopen();
    expect(seqs(drain(journal))).toEqual(before[1]);
  });
});

describe("the smallest ring", () => {
  it("is three sectors of 256 bytes, and goes round", () => {
    chip = chipOf(3, 256);
    journal = openJournal(chip);
    fill(60);
    const { counts } = journal;
    expect(counts.dropped + counts.pending).toBe(60);
    expect(seqs(drain(openJournal(chip, 3)))).toEqual(range(counts.dropped + 1, 60));
  });

  it("gives up after three sectors that keep nothing, and erases no more for it", () => {
    chip = chipOf(SECTORS, LENGTH);
    const worn = {
      byteLength: SECTORS * LENGTH,
      sectorLength: LENGTH,
      read: (offset: number, into: Uint8Array) => chip.read(offset, into),
      program: (offset: number, bytes: Uint8Array) =>
        chip.program(
          offset,
          bytes.map(() => 0),
        ),
      erase: (sector: number) => chip.erase(sector),
    };
    journal = new Journal({ flash: new Flash(worn), newEpoch: () => 1 });
    expect(chip.counts.erases).toBe(3);
    expect(appendSample(journal, 0)).toBe(0);
    expect(chip.counts.erases).toBe(3);
  });
});
