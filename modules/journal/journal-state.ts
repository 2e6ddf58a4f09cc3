import type { Reading, Stamp } from "../telemetry/reading";
import type { JournalCounts } from "./journal";
import { type JournalRecord, NO_DATE } from "./record";
import type { BootDate, SectorDetails, SectorHeader } from "./sector-header";
import { SettledRanges } from "./settled-ranges";

/** Islands of settled readings, and dates of boots, that the header of a 4 KB sector has room for. */
const MAX_ISLANDS = 64;
const MAX_DATES = 32;
/** A reading's own time that differs by more from its boot's date was given by a clock that was wrong: drift is less. */
export const STEP_SECONDS = 300;

/** A boot's date in RAM. */
interface KnownDate extends BootDate {
  untilSeq: number;
  /** Of the latest reading of that boot that was seen since the start: how long it lasted at least. */
  lastUptime: number;
}

/**
 * What the journal knows beside the readings themselves: which are settled, when boots were, the counts. It follows
 * from a checkpoint and the records after it, so that recovery rebuilds it by the same steps that made it.
 */
export class JournalState {
  /** `seq` of the next reading. */
  nextSeq = 1;
  torn = 0;
  #acknowledged = 0;
  #dropped = 0;
  #settled: SettledRanges;
  /** first, last, …: numbers that a newer firmware gave to readings that cannot be read here. */
  #kept: number[] = [];
  #dates: KnownDate[] = [];
  #maxIslands: number;
  #maxDates: number;

  constructor(sectorLength: number) {
    // Smaller sectors, in tests, have room for fewer.
    this.#maxIslands = Math.min(MAX_ISLANDS, Math.floor(sectorLength / 64));
    this.#maxDates = Math.min(MAX_DATES, Math.floor(sectorLength / 128));
    this.#settled = new SettledRanges(this.#maxIslands);
  }

  get settled(): SettledRanges {
    return this.#settled;
  }

  get counts(): JournalCounts {
    return {
      written: this.nextSeq - 1,
      acknowledged: this.#acknowledged,
      dropped: this.#dropped,
      torn: this.torn,
      pending: this.#settled.countPending(1, this.nextSeq - 1),
      kept: countOf(this.#kept),
    };
  }

  /** The state as a sector's header has it. */
  restore(header: SectorHeader, { islands, dates }: SectorDetails): void {
    this.nextSeq = header.firstSeq;
    this.torn = header.torn;
    this.#acknowledged = header.acknowledged;
    this.#dropped = header.dropped;
    this.#settled = new SettledRanges(this.#maxIslands, header.frontier, [...islands]);
    this.#dates = dates.map((date) => ({ ...date, lastUptime: 0 }));
  }

  /**
   * The state for a new sector's header. Dates that no reading waits for are let go, except the latest. What is kept for
   * a newer firmware waits in it, so that it finds them when it comes back.
   */
  checkpoint(): SectorDetails &
    Pick<SectorHeader, "firstSeq" | "frontier" | "acknowledged" | "dropped" | "torn"> {
    const latest = this.#dates.at(-1);
    const { frontier, islands } = this.#settled.without(this.#kept);
    this.#dates = this.#dates.filter((date) => date === latest || date.untilSeq >= frontier);
    return {
      firstSeq: this.nextSeq,
      frontier,
      acknowledged: this.#acknowledged,
      dropped: this.#dropped,
      torn: this.torn,
      islands,
      dates: this.#dates,
    };
  }

  /** A record was written, or is replayed. */
  apply(record: JournalRecord): void {
    this.countNumbers(record);
    if (record.kind === "reading") this.extend(record.reading, record.reading.seq);
    else if (record.kind === "mark") this.#acknowledged += this.#settled.settle(record.first, record.last);
    else if (record.kind === "date") this.addDate(record.boot, record.unixSecondsAtBoot);
    else this.#acknowledged -= this.#settled.open(record.first, this.nextSeq);
  }

  /** A reading was written. */
  appended(stamp: Stamp): void {
    this.extend(stamp, this.nextSeq);
    this.nextSeq++;
  }

  /** The numbers that a record speaks of have been given: none is given again, even if the flash lost its reading. */
  countNumbers(record: JournalRecord): void {
    if (record.kind === "reading") this.nextSeq = Math.max(this.nextSeq, record.reading.seq + 1);
    else if (record.kind === "mark") this.nextSeq = Math.max(this.nextSeq, record.last + 1);
  }

  /** `first`…`last` are a newer firmware's: not to be read, and not to be given again. In order. */
  keep(first: number, last: number): void {
    if (last < first) return;
    if (this.#kept.at(-1) === first - 1) this.#kept[this.#kept.length - 1] = last;
    else this.#kept.push(first, last);
    this.#settled.settle(first, last);
    this.nextSeq = Math.max(this.nextSeq, last + 1);
  }

  /** Readings up to `lastSeq` are not in the flash any more: the ring was full. */
  dropThrough(lastSeq: number): void {
    while (this.#kept.length > 0 && this.#kept[0]! <= lastSeq) {
      const [first, last] = this.#kept.splice(0, 2) as [number, number];
      this.#dropped += Math.min(last, lastSeq) - first + 1;
      if (last > lastSeq) this.#kept.splice(0, 0, lastSeq + 1, last);
    }
    this.#dropped += this.#settled.settle(1, lastSeq);
  }

  /** Readings that should be in the flash are not: it was damaged. */
  lose(firstSeq: number, lastSeq: number): void {
    if (this.#settled.hasRoomFor(firstSeq, lastSeq)) this.torn += this.#settled.settle(firstSeq, lastSeq);
  }

  dateOf(boot: number): number | undefined {
    for (const date of this.#dates) if (date.boot === boot) return date.unixSecondsAtBoot;
    return undefined;
  }

  /** The boots of `first` to `last` that have a date and lasted until after `after`. */
  datedBoots(first: number, last: number, after: number): number[] {
    const boots: number[] = [];
    for (const { boot, unixSecondsAtBoot, lastUptime } of this.#dates)
      if (
        boot >= first &&
        boot <= last &&
        unixSecondsAtBoot !== NO_DATE &&
        unixSecondsAtBoot + lastUptime > after
      )
        boots.push(boot);
    return boots;
  }

  /** The reading with its time as its boot's date tells by now. */
  dated(reading: Reading): Reading {
    const unixSecondsAtBoot = this.dateOf(reading.boot);
    if (unixSecondsAtBoot === undefined) return reading;
    const { unixSeconds: own, ...undated } = reading;
    const unixSeconds = unixSecondsAtBoot + reading.uptimeSeconds;
    if (unixSecondsAtBoot === NO_DATE || this.isAfterNextBoot(reading.boot, unixSeconds)) return undated;
    return own !== undefined && Math.abs(own - unixSeconds) <= STEP_SECONDS
      ? reading
      : { ...undated, unixSeconds };
  }

  /** Whether a boot would have lasted into the one that was dated last: what a restart has forgotten of its length. */
  private isAfterNextBoot(boot: number, unixSeconds: number): boolean {
    const last = this.#dates.at(-1)!;
    return (
      boot < last.boot &&
      last.unixSecondsAtBoot !== NO_DATE &&
      unixSeconds > last.unixSecondsAtBoot + STEP_SECONDS
    );
  }

  private addDate(boot: number, unixSecondsAtBoot: number): void {
    const at = this.#dates.findIndex((date) => date.boot === boot);
    const lastUptime = this.#dates[at]?.lastUptime ?? 0;
    const date = { boot, unixSecondsAtBoot, untilSeq: this.nextSeq - 1, lastUptime };
    if (at >= 0) this.#dates[at] = date;
    else {
      if (this.#dates.length >= this.#maxDates) this.#dates.shift();
      this.#dates.push(date);
    }
  }

  /** A reading of a boot whose date is known: the date is kept until it is settled, for it may prove wrong. */
  private extend({ boot, uptimeSeconds }: Stamp, seq: number): void {
    const date = this.#dates.find((each) => each.boot === boot);
    if (!date) return;
    date.untilSeq = seq;
    date.lastUptime = uptimeSeconds;
  }
}

/** How many numbers the ranges hold. */
function countOf(ranges: readonly number[]): number {
  let count = 0;
  for (let i = 0; i < ranges.length; i += 2) count += ranges[i + 1]! - ranges[i]! + 1;
  return count;
}
