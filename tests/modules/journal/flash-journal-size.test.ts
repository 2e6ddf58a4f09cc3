import { describe, expect, it } from "vitest";
import { HEADER_BYTES } from "../../../modules/journal/sector-header";
import type { Reading } from "../../../modules/telemetry/reading";
import type { NorFlash } from "../../../sim/device/nor-flash";
import { PowerCut } from "../../../sim/device/nor-flash";
import { appendSample, drain, fullChip, openJournal, sample, seeded, seqs } from "../../support/journal-rig";
import { LONG, SEED } from "../../support/volume";

const MINUTES_PER_DAY = 1440;
const SECTORS = 144;

/** One reading a minute for `days`, acknowledged in batches of five. */
function live(chip: NorFlash, days: number): void {
  const journal = openJournal(chip);
  for (let n = 0; n < days * MINUTES_PER_DAY; n++) {
    const seq = appendSample(journal, n);
    if (seq % 5 === 0) journal.mark(seq - 4, seq);
  }
}

describe("the device's partition of 576 KB", () => {
  it("keeps 12 days of one reading a minute, all nine quantities, through an outage", () => {
    const journal = openJournal(fullChip());
    let least = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 45_000; n++) {
      appendSample(journal, n);
      const { dropped, pending } = journal.counts;
      if (dropped > 0) least = Math.min(least, pending);
    }
    expect(least / MINUTES_PER_DAY).toBeGreaterThanOrEqual(12);
    expect(drain(journal, 500).length).toBe(journal.counts.pending);
  });

  it("programs at most 34 bytes a reading, marks and headers included, and erases under 13 sectors a day", () => {
    const chip = fullChip();
    live(chip, 10);
    expect(chip.counts.programmedBytes / (10 * MINUTES_PER_DAY)).toBeLessThan(34);
    expect(chip.counts.erases / 10).toBeLessThan(13);
  });

  it("wears evenly: no sector is erased twice before every other was once", () => {
    const chip = fullChip();
    live(chip, 40);
    expect(Math.max(...chip.erases) - Math.min(...chip.erases)).toBeLessThanOrEqual(1);
    expect(Math.min(...chip.erases)).toBeGreaterThanOrEqual(2);
  });

  it("recovers from one header a sector and the newest sector, however full", () => {
    for (const readings of [0, 100, 9_000, 25_000]) {
      const chip = fullChip();
      const journal = openJournal(chip);
      for (let n = 0; n < readings; n++) appendSample(journal, n);
      const before = { ...chip.counts };
      openJournal(chip);
      const reads = chip.counts.reads - before.reads;
      const bytes = chip.counts.readBytes - before.readBytes;
      // The windows of the scan overlap by a record.
      expect(reads).toBeLessThanOrEqual(SECTORS + 3 + Math.ceil(4096 / (256 - 72)));
      expect(bytes).toBeLessThanOrEqual((SECTORS + 2) * HEADER_BYTES + 1.5 * 4096);
      expect(chip.counts.programs).toBe(before.programs);
    }
  });

  it("drains in order without scanning sectors again and again", () => {
    const chip = fullChip();
    const journal = openJournal(chip);
    for (let n = 0; n < 4_000; n++) appendSample(journal, n);
    const before = chip.counts.readBytes;
    expect(drain(journal, 20).length).toBe(4_000);
    // 4,000 readings are some 120 KB; a batch of 20 may read a window or two more.
    expect(chip.counts.readBytes - before).toBeLessThan(400_000);
  });
});

/** A life with power cuts at random moments: what is known for certain, and what one operation left open. */
class CutLife {
  readonly chip: NorFlash;
  #random: () => number;
  #pending = new Map<number, Reading>();
  #marked = new Set<number>();
  #written = 0;
  #n = 0;
  cuts = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.chip = fullChip(this.#random);
    openJournal(this.chip);
  }

  /** Runs until a cut, then checks what the next boot finds. */
  round(): void {
    const journal = openJournal(this.chip);
    this.check(journal.counts.written, journal);
    const within = 1 + Math.floor(this.#random() ** 3 * 60_000);
    this.chip.cutAfter(within, this.#random() < 0.5 ? "in-order" : "scattered");
    const outage = this.#random() < 0.5;
    try {
      for (;;) {
        this.#n++;
        const { values, stamp } = sample(this.#n);
        const seq = journal.append(values, stamp);
        this.#written = seq;
        this.#pending.set(seq, { seq, ...stamp, values });
        if (outage || this.#random() < 0.5) continue;
        const fresh = this.#random() < 0.2;
        const batch = seqs(journal.read(fresh ? seq : 1, 1 + Math.floor(this.#random() * 20)));
        const [first, last] = [batch[0]!, batch.at(-1)!];
        if (!journal.mark(first, last)) continue;
        for (const marked of batch) {
          this.#pending.delete(marked);
          this.#marked.add(marked);
        }
      }
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    this.cuts++;
    this.chip.powerOn();
  }

  /** The reading or mark under way at the cut may have made it; a drop takes the oldest. Nothing else changes. */
  private check(written: number, journal: ReturnType<typeof openJournal>): void {
    expect(journal.formatted).toBeUndefined();
    expect([this.#written, this.#written + 1]).toContain(written);
    const found = drain(journal, 200);
    const at = new Map(found.map((reading) => [reading.seq, reading]));
    const oldest = found[0]?.seq ?? written + 1;
    for (const reading of found) {
      expect(this.#marked.has(reading.seq)).toBe(false);
      const known = this.#pending.get(reading.seq);
      if (known) {
        if (JSON.stringify(known.values) !== JSON.stringify(reading.values)) expect(reading).toEqual(known);
      } else expect(reading.seq).toBe(this.#written + 1);
    }
    const missing = [...this.#pending.keys()].filter((seq) => seq >= oldest && !at.has(seq));
    // One mark may have been under way: a run without holes.
    expect(missing.length === 0 || missing.at(-1)! - missing[0]! <= 20).toBe(true);
    const { counts } = journal;
    expect(counts.written).toBe(counts.acknowledged + counts.dropped + counts.pending);

    for (const seq of this.#pending.keys()) if (!at.has(seq)) this.#pending.delete(seq);
    for (const reading of found) this.#pending.set(reading.seq, reading);
    this.#written = written;
  }
}

it("lives through power cuts at random moments in the full partition", () => {
  const lives = LONG ? 6 : 2;
  for (let seed = 0; seed < lives; seed++) {
    const life = new CutLife(SEED + seed);
    const rounds = LONG ? 200 : 25;
    for (let round = 0; round < rounds; round++) life.round();
    expect(life.cuts).toBe(rounds);
  }
});
