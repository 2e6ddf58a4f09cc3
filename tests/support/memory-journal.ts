import type { Journal, JournalCounts, ReadingSink } from "../../modules/journal/journal";
import type { Measurement, Quantity, Reading, Stamp } from "../../modules/telemetry/reading";
import { RESOLUTION } from "./quantities";

/** A time that is off by more was given by a clock that was wrong. */
const STEP_SECONDS = 300;

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
  #counts = { written: 0, acknowledged: 0, dropped: 0, torn: 0, kept: 0 };
  /** By boot: its date, or that it has none any more. */
  #dates = new Map<number, number | undefined>();
  #undated = new Set<number>();
  #firstSeq = 1;
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
    return run.slice(0, end < 0 ? run.length : end).map(({ reading }) => this.dated(reading));
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

  date(boot: number, unixSecondsAtBoot: number): boolean {
    this.checkOpen();
    const before = this.#dates.get(boot);
    if (before === unixSecondsAtBoot) return false;
    this.#dates.set(boot, unixSecondsAtBoot);
    for (const [other, at] of this.#dates)
      if (other < boot && at !== undefined && at + this.lasted(other) > unixSecondsAtBoot + STEP_SECONDS)
        this.#dates.set(other, undefined);
    const wasWrong =
      before === undefined ? this.#undated.has(boot) : Math.abs(before - unixSecondsAtBoot) > STEP_SECONDS;
    if (!wasWrong) return false;
    const again = this.#readings.filter(({ reading }) => reading.seq >= this.#firstSeq);
    for (const entry of again) {
      if (entry.marked) this.#counts.acknowledged--;
      entry.marked = false;
    }
    return again.length > 0;
  }

  undate(firstBoot: number, lastBoot: number): void {
    for (const boot of this.#dates.keys())
      if (boot >= firstBoot && boot <= lastBoot) {
        this.#dates.set(boot, undefined);
        this.#undated.add(boot);
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
    next.#dates = this.#dates;
    next.#undated = this.#undated;
    next.#firstSeq = this.#counts.written + 1;
    return next;
  }

  private dated(reading: Reading): Reading {
    if (!this.#dates.has(reading.boot)) return structuredClone(reading);
    const { unixSeconds: own, ...undated } = structuredClone(reading);
    const at = this.#dates.get(reading.boot);
    if (at === undefined) return undated;
    const told = at + reading.uptimeSeconds;
    return {
      ...undated,
      unixSeconds: own !== undefined && Math.abs(own - told) <= STEP_SECONDS ? own : told,
    };
  }

  private lasted(boot: number): number {
    return this.#readings.findLast(({ reading }) => reading.boot === boot)?.reading.uptimeSeconds ?? 0;
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
