import type { Measurement, Reading, Stamp } from "../telemetry/reading";

/**
 * Where readings are safe. Every reading is appended before anything else is done with it, and stays until the
 * broker has acknowledged it (`mark`) or the journal is full and drops its oldest (counted).
 */
export interface Journal {
  /** Identifies this journal's numbering; new after a format. Eight hex digits. */
  readonly epoch: string;
  /**
   * Appends; the reading survives a power cut from the moment this returns. Returns its `seq`, or 0 when the flash
   * does not keep what is written to it (worn out).
   */
  append(values: Measurement, stamp: Stamp): number;
  /** Up to `max` unmarked readings with consecutive `seq`, starting at the first unmarked one at or after `fromSeq`. */
  read(fromSeq: number, max: number): Reading[];
  /** As `read`, into what is empty. */
  readInto(sink: ReadingSink, fromSeq: number, max: number): void;
  /**
   * The readings `firstSeq`…`lastSeq` (inclusive) are acknowledged: they are never read again. Idempotent. False:
   * that could not be kept (too many separate ranges ahead of the backlog, or a worn flash), and they will be read
   * again. Throws RangeError for readings that were never appended.
   */
  mark(firstSeq: number, lastSeq: number): boolean;
  /**
   * Tells the wall clock of readings of boot `boot`: unix time at uptime zero. Those without `unixSeconds` get it, and
   * those whose own differs by more than five minutes, which a clock gave that was wrong. Boots before it that would
   * have lasted into it lose their dates. True: the boot is this one and had another date before, so its readings,
   * delivered ones too, are to be delivered again.
   */
  date(boot: number, unixSecondsAtBoot: number): boolean;
  /** The dates of these boots have proved wrong: their readings say that they have no time, until `date` gives one. */
  undate(firstBoot: number, lastBoot: number): void;
  readonly counts: JournalCounts;
  close(): void;
}

/** What takes readings one by one, until `push` says false; an array is one. */
export interface ReadingSink {
  readonly length: number;
  push(reading: Reading): unknown;
}

export interface JournalCounts {
  /** Appended since the format. */
  readonly written: number;
  readonly acknowledged: number;
  /** Unmarked readings lost because the journal was full. */
  readonly dropped: number;
  /** Damaged records: writes that a power cut broke off (never returned by `append`), and readings that flash lost. */
  readonly torn: number;
  /** Appended and neither marked nor dropped. */
  readonly pending: number;
  /** At most so many readings of a newer firmware lie there, which this one cannot read and leaves to it. */
  readonly kept: number;
}
