import { FlashJournal } from "../../modules/journal/flash-journal";
import { RamFlash, SECTOR_BYTES } from "./ram-flash";
import { append, reading } from "./sample-readings";
import type { Tests } from "./tests";

const newEpoch = (): number => 0xcafe0001;
const open = (cells: Uint8Array): FlashJournal => new FlashJournal({ flash: new RamFlash(cells), newEpoch });
const blank = (): Uint8Array => new Uint8Array(6 * SECTOR_BYTES).fill(0xff);

/** The flash journal on the engine that it runs on. */
export default function journal({ test }: Tests): void {
  test("gives back over a restart what was appended and not marked, and dates what was undated", (check) => {
    const cells = blank();
    const first = open(cells);
    check.equal(first.formatted, "blank");
    check.equal(first.append({ humidity: 45.67 }, { boot: 3, uptimeSeconds: 9 }), 1);
    for (let seq = 2; seq <= 60; seq++) check.equal(append(first, seq), seq);
    check.ok(first.mark(2, 57), "a range ahead of the backlog is marked");
    first.date(3, 1_790_000_000);

    const second = open(cells);
    check.equal([second.formatted, second.epoch], [undefined, "cafe0001"]);
    check.equal(second.counts, { written: 60, acknowledged: 56, dropped: 0, torn: 0, pending: 4, kept: 0 });
    check.equal(second.read(1, 10), [
      { seq: 1, boot: 3, uptimeSeconds: 9, unixSeconds: 1_790_000_009, values: { humidity: 45.67 } },
    ]);
    check.equal(second.read(2, 10), [reading(58), reading(59), reading(60)]);
  });

  test("drops the oldest when full and keeps its counts", (check) => {
    const cells = blank();
    const full = open(cells);
    for (let seq = 1; seq <= 400; seq++) append(full, seq);
    const { dropped, pending } = full.counts;
    check.ok(dropped > 0 && pending > 50, "it is full");
    check.equal(dropped + pending, 400);
    check.equal(open(cells).counts, full.counts);
    check.equal(open(cells).read(1, 1), [reading(dropped + 1)]);
  });

  test("loses nothing to a power cut at any byte of a reading that opens a sector", (check) => {
    const cells = blank();
    const before = open(cells);
    let seq = 1;
    // One more reading of 24 bytes or so would not fit the last sector.
    for (let free = 6 * SECTOR_BYTES; free > 60; free = lastFree(cells)) append(before, seq++);
    const { pending } = before.counts;
    for (let cutAt = 0; ; cutAt++) {
      const flash = new RamFlash(cells.slice());
      const cut = new FlashJournal({ flash, newEpoch });
      flash.cutAt = cutAt;
      let done = true;
      try {
        for (let more = 0; more < 4; more++) append(cut, seq + more);
      } catch {
        done = false;
      }
      const { counts } = open(flash.cells);
      check.equal(counts.written, counts.pending + counts.dropped);
      check.ok(counts.dropped === 0 || counts.dropped < pending / 3, "at most a sector was dropped");
      if (done) break;
    }
  });
}

/** Erased bytes at the end of the partition. */
function lastFree(cells: Uint8Array): number {
  let free = 0;
  while (cells[cells.length - 1 - free] === 0xff && free < cells.length) free++;
  return free;
}
