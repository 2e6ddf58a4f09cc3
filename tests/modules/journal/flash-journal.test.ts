import { beforeEach, describe, expect, it } from "vitest";
import { FlashJournal } from "../../../modules/journal/flash-journal";
import type { Reading } from "../../../modules/telemetry/reading";
import type { NorFlash } from "../../../sim/device/nor-flash";
import { Flash } from "../../../sim/sdk/flash";
import {
  appendSample,
  chipOf,
  drain,
  fullChip,
  openJournal,
  sample,
  seeded,
  seqs,
} from "../../support/journal-rig";

let chip: NorFlash;
let journal: FlashJournal;
beforeEach(() => {
  chip = chipOf(6, 512);
  journal = openJournal(chip);
});

const reopen = (): FlashJournal => openJournal(chip, 0x999);
const fill = (count: number, into = journal): void => {
  for (let n = 0; n < count; n++) appendSample(into, n);
};
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe("append and read", () => {
  it("numbers readings from 1 and gives them back in order, as they were", () => {
    expect([appendSample(journal, 0), appendSample(journal, 1)]).toEqual([1, 2]);
    const expected = [0, 1].map(
      (n): Reading => ({ seq: n + 1, ...sample(n).stamp, values: sample(n).values }),
    );
    expect(journal.read(1, 10)).toEqual(expected);
  });

  it("gives at most what is asked for, from any number on", () => {
    fill(20);
    expect(seqs(journal.read(3, 4))).toEqual([3, 4, 5, 6]);
    expect(seqs(journal.read(19, 10))).toEqual([19, 20]);
    expect(journal.read(21, 10)).toEqual([]);
    expect(journal.read(1, 0)).toEqual([]);
    expect(seqs(journal.read(-5, 2))).toEqual([1, 2]);
  });

  it("gives no more to who has no room for it, and goes on there the next time", () => {
    fill(6);
    const taken: number[] = [];
    const sink = {
      get length() {
        return taken.length;
      },
      push: ({ seq }: Reading) => taken.length < 2 && taken.push(seq) > 0,
    };
    journal.readInto(sink, 1, 10);
    expect(taken).toEqual([1, 2]);
    expect(seqs(journal.read(3, 10))).toEqual([3, 4, 5, 6]);
  });

  it("says that nothing has another time where no reading was taken since the start", () => {
    fill(3);
    journal.date(12, 1_790_000_000);
    journal = reopen();
    expect(journal.date(12, 1_790_009_000)).toBe(false);
  });

  it("gives everything back after a restart, and goes on counting", () => {
    fill(30);
    journal = reopen();
    expect(seqs(drain(journal))).toEqual(range(1, 30));
    expect(appendSample(journal, 30)).toBe(31);
  });

  it("reads on where it stopped, or anywhere else, also while readings come in", () => {
    fill(12);
    expect(seqs(journal.read(1, 5))).toEqual([1, 2, 3, 4, 5]);
    fill(12);
    expect(seqs(journal.read(6, 5))).toEqual([6, 7, 8, 9, 10]);
    expect(seqs(journal.read(2, 2))).toEqual([2, 3]);
    expect(seqs(journal.read(24, 5))).toEqual([24]);
    fill(1);
    expect(seqs(journal.read(25, 5))).toEqual([25]);
  });

  it("does not take a place in a sector for one in what was written over it", () => {
    journal.mark(appendSample(journal, 0), 1);
    for (let n = 1; n < 400; n++) {
      const seq = appendSample(journal, n);
      expect(seqs(journal.read(1, 5))).toEqual([seq]);
      journal.mark(seq, seq);
    }
    expect(journal.counts).toEqual({
      written: 400,
      acknowledged: 400,
      dropped: 0,
      torn: 0,
      pending: 0,
      kept: 0,
    });
  });

  it.each([
    { boot: -1, uptimeSeconds: 0 },
    { boot: 1, uptimeSeconds: Number.NaN },
    { boot: 1, uptimeSeconds: 0, unixSeconds: 2 ** 32 },
    { boot: 2 ** 32, uptimeSeconds: 0 },
  ])("refuses the stamp %j", (stamp) => {
    expect(() => journal.append({ co2: 400 }, stamp)).toThrow(RangeError);
    expect(journal.counts.written).toBe(0);
  });
});

describe("mark", () => {
  it("takes readings out for good", () => {
    fill(20);
    journal.mark(1, 5);
    journal.mark(9, 12);
    expect(seqs(drain(journal))).toEqual([...range(6, 8), ...range(13, 20)]);
    expect(seqs(drain(reopen()))).toEqual([...range(6, 8), ...range(13, 20)]);
    expect(reopen().counts).toEqual({
      written: 20,
      acknowledged: 9,
      dropped: 0,
      torn: 0,
      pending: 11,
      kept: 0,
    });
  });

  it("gives readings up to a marked one in one batch, and what follows in the next", () => {
    fill(10);
    journal.mark(4, 6);
    expect(seqs(journal.read(1, 10))).toEqual([1, 2, 3]);
    expect(seqs(journal.read(4, 10))).toEqual([7, 8, 9, 10]);
  });

  it("writes nothing when all of it was marked before", () => {
    fill(10);
    journal.mark(1, 6);
    const { programs } = chip.counts;
    expect(journal.mark(2, 5)).toBe(true);
    expect(chip.counts.programs).toBe(programs);
    journal.mark(5, 8);
    expect(journal.counts.acknowledged).toBe(8);
  });

  it.each([
    [0, 1],
    [3, 2],
    [1, 11],
    [Number.NaN, 2],
  ])("refuses %s to %s of ten", (first, last) => {
    fill(10);
    expect(() => journal.mark(first, last)).toThrow(RangeError);
  });

  it("says so when there are too many separate ranges, and keeps those that it has", () => {
    chip = fullChip();
    journal = openJournal(chip);
    fill(300);
    for (let island = 0; island < 64; island++)
      expect(journal.mark(2 + 4 * island, 3 + 4 * island)).toBe(true);
    expect(journal.mark(290, 290)).toBe(false);
    const pending = range(1, 300).filter((seq) => seq > 255 || (seq % 4 !== 2 && seq % 4 !== 3));
    expect(seqs(drain(journal))).toEqual(pending);
    expect(seqs(drain(reopen()))).toEqual(pending);
    journal.mark(1, 1);
    expect(journal.mark(290, 290)).toBe(true);
  });

  it("keeps as many ranges in the header of a new sector as in RAM", () => {
    chip = fullChip();
    journal = openJournal(chip);
    fill(300);
    for (let island = 0; island < 64; island++) journal.mark(2 + 4 * island, 3 + 4 * island);
    fill(300);
    expect(seqs(drain(reopen()))).toEqual(seqs(drain(journal)));
  });
});

describe("date", () => {
  const undated = (boot: number, uptimeSeconds: number): number =>
    journal.append({ co2: 400 }, { boot, uptimeSeconds });

  it("gives readings of that boot their time, and others not", () => {
    undated(1, 10);
    undated(2, 20);
    journal.append({ co2: 400 }, { boot: 2, uptimeSeconds: 40, unixSeconds: 1_790_000_041 });
    journal.date(2, 1_790_000_000);
    expect(journal.read(1, 5).map(({ unixSeconds }) => unixSeconds)).toEqual([
      undefined,
      1_790_000_020,
      1_790_000_041,
    ]);
  });

  it("still does after restarts and many sectors, for as long as a reading waits for it", () => {
    undated(1, 10);
    journal.date(1, 1_790_000_000);
    journal = reopen();
    for (let boot = 2; boot < 5; boot++) {
      for (let n = 0; n < 12; n++) appendSample(journal, n);
      journal.date(boot, 1_790_000_000 + boot * 1000);
      journal = reopen();
    }
    expect(journal.read(1, 1)[0]?.unixSeconds).toBe(1_790_000_010);
  });

  it("writes a date once", () => {
    undated(1, 10);
    journal.date(1, 1_790_000_000);
    const { programs } = chip.counts;
    journal.date(1, 1_790_000_000);
    expect(chip.counts.programs).toBe(programs);
  });

  it("keeps readings undated that never got a date, with boot and uptime", () => {
    undated(3, 77);
    journal = reopen();
    journal.date(4, 1_790_000_000);
    expect(journal.read(1, 1)).toEqual([{ seq: 1, boot: 3, uptimeSeconds: 77, values: { co2: 400 } }]);
  });

  const times = (from = 1): (number | undefined)[] =>
    journal.read(from, 10).map(({ unixSeconds }) => unixSeconds);
  const dated = (boot: number, uptimeSeconds: number, atBoot: number): number =>
    journal.append({ co2: 400 }, { boot, uptimeSeconds, unixSeconds: atBoot + uptimeSeconds });

  it("dates anew what a clock dated that was wrong, over restarts too, and leaves drift alone", () => {
    journal.date(1, 1_990_000_000);
    dated(1, 10, 1_990_000_000);
    expect(journal.date(1, 1_790_000_000)).toBe(true);
    dated(1, 20, 1_790_000_300);
    dated(1, 30, 1_790_000_301);
    const expected = [1_790_000_010, 1_790_000_320, 1_790_000_030];
    expect(times()).toEqual(expected);
    journal = reopen();
    expect(times()).toEqual(expected);
  });

  it("takes a boot's date back, and gives another", () => {
    journal.date(1, 1_990_000_000);
    undated(1, 5);
    dated(1, 10, 1_990_000_000);
    journal.undate(1, 1);
    undated(1, 20);
    expect(times()).toEqual([undefined, undefined, undefined]);
    journal = reopen();
    expect(times()).toEqual([undefined, undefined, undefined]);
    journal.date(1, 1_790_000_000);
    expect(times()).toEqual([1_790_000_005, 1_790_000_010, 1_790_000_020]);
  });

  it("believes no boot that would have lasted into the next one, for good", () => {
    journal.date(1, 1_790_000_000);
    dated(1, 100, 1_790_000_000);
    journal.date(2, 1_890_000_000);
    dated(2, 100, 1_890_000_000);
    dated(2, 5_000, 1_890_000_000);
    journal = reopen();
    journal.date(3, 1_890_000_400);
    expect(times()).toEqual([1_790_000_100, undefined, undefined]);
    journal = reopen();
    journal.date(4, 1_990_000_000);
    expect(times()).toEqual([1_790_000_100, undefined, undefined]);
  });

  it("has what was delivered with a wrong time delivered again, of this boot and of what is still there", () => {
    dated(1, 10, 1_790_000_000);
    journal = reopen();
    journal.date(2, 1_990_000_000);
    for (let n = 1; n <= 4; n++) dated(2, n * 10, 1_990_000_000);
    journal.mark(1, 4);
    expect(journal.counts).toMatchObject({ acknowledged: 4, pending: 1 });
    expect(journal.date(2, 1_990_000_200)).toBe(false);
    expect(journal.date(2, 1_890_000_000)).toBe(true);
    expect(journal.counts).toMatchObject({ written: 5, acknowledged: 1, pending: 4 });
    const expected = [1_890_000_010, 1_890_000_020, 1_890_000_030, 1_890_000_040];
    expect(times()).toEqual(expected);
    journal.mark(2, 2);
    journal = reopen();
    expect(journal.counts).toMatchObject({ written: 5, acknowledged: 2, pending: 3 });
    expect(times()).toEqual(expected.slice(1));
    expect(journal.date(3, 1_900_000_000)).toBe(false);
  });

  it("has them delivered again also when the time was lost in between, and then only once", () => {
    journal.date(1, 1_990_000_000);
    dated(1, 10, 1_990_000_000);
    journal.mark(1, 1);
    journal.undate(1, 1);
    expect(journal.counts.pending).toBe(0);
    expect(journal.date(1, 1_790_000_000)).toBe(true);
    expect(times()).toEqual([1_790_000_010]);
    journal.mark(1, 1);
    expect(journal.date(1, 1_790_000_001)).toBe(false);
    expect(journal.counts.pending).toBe(0);
  });

  it("opens readings that the ring has dropped meanwhile no more", () => {
    journal.date(1, 1_990_000_000);
    const many = 400;
    for (let n = 1; n <= many; n++) dated(1, n, 1_990_000_000);
    journal.mark(1, many);
    const { dropped } = journal.counts;
    expect(journal.date(1, 1_790_000_000)).toBe(true);
    const { pending, acknowledged } = journal.counts;
    expect(pending).toBeLessThan(many);
    expect(drain(journal)).toHaveLength(pending);
    expect(journal.counts).toMatchObject({ dropped, torn: 0, acknowledged });
  });

  it("dates past 2038", () => {
    undated(1, 10);
    journal.date(1, 2 ** 31 + 100);
    journal.append({}, { boot: 1, uptimeSeconds: 50, unixSeconds: 2 ** 31 + 151 });
    journal = reopen();
    expect(journal.read(1, 2).map(({ unixSeconds }) => unixSeconds)).toEqual([2 ** 31 + 110, 2 ** 31 + 151]);
  });

  it.each([
    [1, -5],
    [-1, 5],
    [1, Number.NaN],
  ])("refuses boot %s at %s", (boot, unix) => {
    expect(() => journal.date(boot, unix)).toThrow(RangeError);
  });
});

describe("the ring", () => {
  it("drops the oldest sector when full, and counts what it lost, over restarts too", () => {
    fill(500);
    const { counts } = journal;
    expect(counts.dropped).toBeGreaterThan(0);
    expect(counts.dropped + counts.pending).toBe(500);
    expect(seqs(drain(journal))).toEqual(range(counts.dropped + 1, 500));
    expect(reopen().counts).toEqual(counts);
    expect(seqs(drain(reopen()))).toEqual(range(counts.dropped + 1, 500));
  });

  it("uses acknowledged sectors again without a drop", () => {
    for (let n = 0; n < 2000; n++) {
      appendSample(journal, n);
      if (n % 5 === 4) journal.mark(n - 3, n + 1);
    }
    expect(journal.counts).toEqual({
      written: 2000,
      acknowledged: 2000,
      dropped: 0,
      torn: 0,
      pending: 0,
      kept: 0,
    });
  });

  it("counts as dropped only what was not acknowledged", () => {
    fill(30);
    journal.mark(5, 8);
    fill(470);
    const { counts } = reopen();
    expect(counts).toMatchObject({ acknowledged: 4, written: 500 });
    expect(counts.dropped + counts.pending + 4).toBe(500);
  });

  it("never asks the chip to set a bit", () => {
    fill(1000);
    journal.mark(990, 1000);
    expect(chip.counts.unclearedBits).toBe(0);
  });

  it("goes on in the same sector after a restart", () => {
    fill(200);
    const { erases } = chip.counts;
    const again = chipOf(6, 512);
    for (let n = 0; n < 200; n++) appendSample(openJournal(again), n);
    expect(again.counts.erases).toBe(erases);
  });

  it("takes marks for readings that it has dropped", () => {
    fill(500);
    expect(journal.mark(1, 10)).toBe(true);
    expect(journal.counts.acknowledged).toBe(0);
  });
});

describe("opening", () => {
  const epochs = (): [string, string | undefined] => {
    const opened = openJournal(chip, 0x1234);
    return [opened.epoch, opened.formatted];
  };

  it("formats an erased partition and keeps its epoch from then on", () => {
    chip = chipOf(6, 512);
    expect(epochs()).toEqual(["00001234", "blank"]);
    const next = openJournal(chip, 0x777);
    expect([next.epoch, next.formatted]).toEqual(["00001234", undefined]);
  });

  it("formats a partition that holds something else, with a new epoch and nothing in it", () => {
    const random = seeded(3);
    chip.cells.forEach((_, i) => {
      chip.cells[i] = Math.floor(random() * 256);
    });
    expect(epochs()).toEqual(["00001234", "foreign"]);
    expect(drain(reopen())).toEqual([]);
    expect(appendSample(reopen(), 0)).toBe(1);
  });

  it("formats a journal of which no header is whole", () => {
    fill(60);
    for (let sector = 0; sector < 6; sector++) chip.cells[sector * 512 + 20]! ^= 0x10;
    expect(epochs()).toEqual(["00001234", "corrupt"]);
    expect(reopen().counts.written).toBe(0);
  });

  it("formats a journal of another size, and nothing of it comes back", () => {
    fill(60);
    const other = new FlashJournal({
      flash: new Flash({ ...view(chip), byteLength: 4 * 512 }),
      newEpoch: () => 0x5678,
    });
    expect([other.epoch, other.formatted]).toEqual(["00005678", "geometry"]);
    appendSample(other, 0);
    expect(seqs(drain(other))).toEqual([1]);
  });

  it("formats a journal whose headers say format 0, which never was", async () => {
    fill(20);
    const { crc32 } = await import("../../../modules/base/crc32");
    for (let sector = 0; sector < 6; sector++) {
      const header = chip.cells.subarray(sector * 512, sector * 512 + 52);
      if (header[0] === 0xff) continue;
      header[2] = 0;
      new DataView(header.buffer, header.byteOffset).setUint32(48, crc32(header, 0, 48), true);
    }
    expect(epochs()).toEqual(["00001234", "corrupt"]);
    expect(drain(reopen())).toEqual([]);
  });

  it("does without a sector whose header is lost, and counts its readings as lost", () => {
    fill(60);
    chip.cells.fill(0x55, 2 * 512, 2 * 512 + 40);
    journal = reopen();
    const found = seqs(drain(journal));
    const lost = 60 - found.length;
    expect(lost).toBeGreaterThan(5);
    expect(found.at(-1)).toBe(60);
    expect(journal.counts).toMatchObject({ pending: found.length, torn: lost, dropped: 0 });
  });

  it("never gives a number twice, also when the newest sectors lost their headers", () => {
    fill(58);
    const tail = newestSector(chip);
    for (const sector of [tail, tail - 1]) chip.cells.fill(0, sector * 512, sector * 512 + 52);
    journal = reopen();
    expect(journal.counts.written).toBe(58);
    expect(appendSample(journal, 58)).toBe(59);
    const found = seqs(drain(journal));
    expect(found.at(-1)).toBe(59);
    expect(journal.counts).toMatchObject({ torn: 59 - found.length, pending: found.length });
  });

  it("never gives a number twice that was acknowledged, when its record is damaged", () => {
    fill(5);
    journal.mark(5, 5);
    chip.cells.fill(0, 52 + 4 * 30, 52 + 4 * 30 + 5);
    journal = reopen();
    expect(appendSample(journal, 5)).toBe(6);
  });

  it("loses only the reading whose record is damaged", () => {
    fill(10);
    chip.cells[512 * 0 + 52 + 35]! ^= 1;
    journal = reopen();
    expect(seqs(drain(journal))).toEqual([1, ...range(3, 10)]);
    expect(journal.counts.pending).toBe(9);
  });

  it("goes back to an older checkpoint when the newest is damaged: marks stay, readings stay", () => {
    fill(40);
    journal.mark(6, 8);
    journal.mark(12, 14);
    fill(20);
    const before = seqs(drain(journal));
    const tail = newestSector(chip);
    chip.cells[tail * 512 + 53]! ^= 1;
    expect(seqs(drain(reopen()))).toEqual(before);
  });

  it("loses no reading when every checkpoint is damaged", () => {
    fill(5);
    journal.mark(2, 3);
    fill(10);
    const before = seqs(drain(journal));
    for (let sector = 0; sector < 6; sector++) {
      const details = chip.cells[sector * 512 + 6];
      if (chip.cells[sector * 512] === 0x41 && details) chip.cells[sector * 512 + 53]! ^= 1;
    }
    expect(seqs(drain(reopen()))).toEqual(expect.arrayContaining(before));
  });

  it.each([
    [2, 4096],
    [8, 128],
  ])("refuses a partition of %i blocks of %i bytes", (sectors, length) => {
    expect(() => openJournal(chipOf(sectors, length))).toThrow(RangeError);
  });

  it("closes the flash", () => {
    journal.close();
    expect(() => journal.read(1, 1)).not.toThrow();
    expect(() => appendSample(journal, 0)).toThrow("closed");
  });
});

describe("worn flash", () => {
  /** Writes to `bad` sectors come out with a bit missing. */
  function wear(bad: (sector: number) => boolean): FlashJournal {
    const worn = view(chip);
    return new FlashJournal({
      flash: new Flash({
        ...worn,
        program: (offset, bytes) => {
          const spoiled = bytes.slice();
          if (bad(Math.floor(offset / 512))) spoiled[spoiled.length >> 1] = 0;
          worn.program(offset, spoiled);
        },
      }),
      newEpoch: () => 1,
    });
  }

  it("passes over a sector that does not keep what is written", () => {
    chip = chipOf(6, 512);
    journal = wear((sector) => sector === 2);
    fill(200);
    const { counts } = journal;
    expect(counts.written).toBe(200);
    const found = seqs(drain(journal));
    expect(found).toEqual(range(counts.dropped + 1, 200));
    expect(seqs(drain(reopen()))).toEqual(found);
  });

  it("says that it could not append when nothing is kept, and does not hang", () => {
    chip = chipOf(6, 512);
    journal = wear(() => true);
    expect(appendSample(journal, 0)).toBe(0);
    expect(journal.read(1, 5)).toEqual([]);
    expect(journal.counts.written).toBe(0);
  });

  it("dates nothing, and says that nothing has another time, when the flash does not keep the date", () => {
    let left = Number.POSITIVE_INFINITY;
    chip = chipOf(6, 512);
    journal = wear(() => left-- <= 0);
    journal.append({ co2: 400 }, { boot: 3, uptimeSeconds: 5 });
    left = 1;
    // The date is kept, that the readings wait again is not.
    expect(journal.date(3, 1_000_000)).toBe(false);
    expect(journal.date(3, 2_000_000)).toBe(false);
    expect(journal.read(1, 1)[0]!.unixSeconds).toBe(1_000_005);
    left = 0;
    expect(journal.date(4, 1_000_000)).toBe(false);
  });

  it("takes the new date, and says that nothing has another time, when only what waits again is not kept", () => {
    let left = Number.POSITIVE_INFINITY;
    chip = chipOf(6, 512);
    journal = wear(() => left-- <= 0);
    journal.append({ co2: 400 }, { boot: 3, uptimeSeconds: 5 });
    journal.date(3, 1_000_000);
    journal.mark(1, 1);
    left = 1;
    expect(journal.date(3, 2_000_000)).toBe(false);
    expect(journal.read(1, 1)).toEqual([]);
  });

  it("keeps reading what it has when the flash wears out on the way", () => {
    let dead = false;
    chip = chipOf(6, 512);
    journal = wear(() => dead);
    fill(30);
    dead = true;
    expect(appendSample(journal, 30)).toBe(0);
    expect(journal.mark(1, 3)).toBe(false);
    expect(seqs(drain(journal)).at(-1)).toBe(30);
  });
});

/** A chip's four calls as an object of their own. */
function view(of: NorFlash) {
  return {
    byteLength: of.byteLength,
    sectorLength: of.sectorLength,
    read: (offset: number, into: Uint8Array) => of.read(offset, into),
    program: (offset: number, bytes: Uint8Array) => of.program(offset, bytes),
    erase: (sector: number) => of.erase(sector),
  };
}

function newestSector(of: NorFlash): number {
  let newest = 0;
  let generation = 0;
  for (let sector = 0; sector < 6; sector++) {
    const header = new DataView(of.cells.buffer, sector * 512, 52);
    if (header.getUint16(0) === 0x414a && header.getUint32(16, true) > generation) {
      generation = header.getUint32(16, true);
      newest = sector;
    }
  }
  return newest;
}
