import type { Journal, JournalCounts, ReadingSink } from "../../modules/journal/journal";
import {
  type Measurement,
  type Quantity,
  RESOLUTION,
  type Reading,
  type Stamp,
} from "../../modules/telemetry/reading";

export interface MemoryJournalOptions {
  readonly epoch?: string;
  /** Readings that it keeps, marked or not; default without bound. */
  readonly capacity?: number;
  /** Separate marked ranges that it can keep ahead of its first unmarked reading; default without bound. */
  readonly rangeLimit?: number;
}

/**
 * The journal's contract without flash. `reopen` is a power cut: the old object is dead, the new one has all that
 * was appended and marked.
 */
export class MemoryJournal implements Journal {
  readonly epoch: string;
  #capacity: number;
  #rangeLimit: number;
  #readings: { reading: Reading; marked: boolean }[] = [];
  #counts = { written: 0, acknowledged: 0, dropped: 0, torn: 0 };
  #open = true;

  constructor(options: MemoryJournalOptions = {}) {
    this.epoch = options.epoch ?? "0badcafe";
    this.#capacity = options.capacity ?? Number.POSITIVE_INFINITY;
    this.#rangeLimit = options.rangeLimit ?? Number.POSITIVE_INFINITY;
  }

  get counts(): JournalCounts {
    return { ...this.#counts, pending: this.#readings.filter(({ marked }) => !marked).length };
  }

  append(values: Measurement, stamp: Stamp): number {
    this.checkOpen();
    const seq = ++this.#counts.written;
    this.#readings.push({ reading: { ...stamp, seq, values: quantised(values) }, marked: false });
    if (this.#readings.length > this.#capacity && this.#readings.shift()?.marked === false)
      this.#counts.dropped++;
    return seq;
  }

  read(fromSeq: number, max: number): Reading[] {
    this.checkOpen();
    const start = this.#readings.findIndex(({ reading, marked }) => !marked && reading.seq >= fromSeq);
    if (start < 0) return [];
    const run = this.#readings.slice(start, start + max);
    const end = run.findIndex(({ marked }) => marked);
    return run.slice(0, end < 0 ? run.length : end).map(({ reading }) => structuredClone(reading));
  }

  readInto(sink: ReadingSink, fromSeq: number, max: number): void {
    for (const reading of this.read(fromSeq, max)) sink.push(reading);
  }

  mark(firstSeq: number, lastSeq: number): boolean {
    this.checkOpen();
    if (firstSeq < 1 || lastSeq < firstSeq || lastSeq > this.#counts.written)
      throw new RangeError("readings that were never appended");
    const marking = this.#readings.filter(
      ({ reading, marked }) => !marked && reading.seq >= firstSeq && reading.seq <= lastSeq,
    );
    for (const entry of marking) entry.marked = true;
    if (this.markedRanges() > this.#rangeLimit) {
      for (const entry of marking) entry.marked = false;
      return false;
    }
    this.#counts.acknowledged += marking.length;
    return true;
  }

  date(boot: number, unixSecondsAtBoot: number): void {
    this.checkOpen();
    for (const entry of this.#readings) {
      const { reading } = entry;
      if (reading.boot === boot && reading.unixSeconds === undefined)
        entry.reading = { ...reading, unixSeconds: unixSecondsAtBoot + reading.uptimeSeconds };
    }
  }

  close(): void {
    this.#open = false;
  }

  reopen(): MemoryJournal {
    this.close();
    const next = new MemoryJournal({
      epoch: this.epoch,
      capacity: this.#capacity,
      rangeLimit: this.#rangeLimit,
    });
    next.#readings = this.#readings;
    next.#counts = this.#counts;
    return next;
  }

  /** Runs of marked readings that have an unmarked one before them. */
  private markedRanges(): number {
    return this.#readings.filter(({ marked }, i) => marked && this.#readings[i - 1]?.marked === false).length;
  }

  private checkOpen(): void {
    if (!this.#open) throw new Error("the journal is closed");
  }
}

function quantised(values: Measurement): Measurement {
  return Object.fromEntries(
    (Object.keys(values) as Quantity[]).map((quantity) => {
      const stepsPerUnit = Math.round(1 / RESOLUTION[quantity]);
      return [quantity, Math.round(values[quantity]! * stepsPerUnit) / stepsPerUnit];
    }),
  );
}
