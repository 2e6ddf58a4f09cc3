import type { Measurement, Reading, Stamp } from "../telemetry/reading";
import type { Journal, JournalCounts, ReadingSink } from "./journal";
import { JournalState, STEP_SECONDS } from "./journal-state";
import { encodeDate, encodeMark, encodeReading, encodeReopen, NO_DATE } from "./record";
import { RecordScanner } from "./record-scanner";
import { type Flash, SectorRing } from "./sector-ring";
import type { FormatReason } from "./sector-survey";

export interface FlashJournalOptions {
  /**
   * The partition, of at least 3 blocks of 256 bytes; the journal closes it. Not encrypted: bits are cleared a
   * second time when a sector is dropped.
   */
  readonly flash: Flash;
  /** A random number of 32 bits; asked for when the partition is formatted. */
  newEpoch(): number;
}

/**
 * The journal in a flash partition.
 *
 * - A reading, a mark, a date is one record: after a power cut it is there in whole or not at all.
 * - Recovery reads one header per sector and the newest sector. RAM: the first `seq` of each sector, the bounds of
 *   what is settled out of order, a window of 256 bytes.
 * - The epoch is in the sector headers, not in the settings: a numbering cannot be parted from its readings.
 */
export class FlashJournal implements Journal {
  #state: JournalState;
  #ring: SectorRing;
  #scanner: RecordScanner;
  /** The first reading since opening, which is a boot's beginning. */
  #firstSeq: number;
  /** Where the last reading of the last `read` ended, so that the next one need not scan its sector again. */
  #cursor = { seq: 0, generation: 0, offset: 0 };

  /** Opens: goes on with what is there, or formats. Throws RangeError for a partition that is too small. */
  constructor(options: FlashJournalOptions) {
    const { flash } = options;
    this.#state = new JournalState(flash.status().blockLength);
    this.#ring = new SectorRing(flash, this.#state, () => options.newEpoch());
    this.#scanner = new RecordScanner(flash);
    this.#firstSeq = this.#state.nextSeq;
  }

  get epoch(): string {
    return this.#ring.epoch.toString(16).padStart(8, "0");
  }

  /** Why opening formatted the partition; `undefined`: it went on with what was there. */
  get formatted(): FormatReason | undefined {
    return this.#ring.formatted;
  }

  get counts(): JournalCounts {
    return this.#state.counts;
  }

  append(values: Measurement, stamp: Stamp): number {
    const { unixSeconds = 0 } = stamp;
    if (!isCount(stamp.boot) || !isCount(stamp.uptimeSeconds) || !isCount(unixSeconds))
      throw new RangeError("a stamp's numbers must be 32-bit counts");
    const seq = this.#state.nextSeq;
    if (!this.#ring.store((into, base) => encodeReading(into, base, seq, values, stamp), stamp)) return 0;
    this.#state.appended(stamp);
    return seq;
  }

  read(fromSeq: number, max: number): Reading[] {
    const found: Reading[] = [];
    this.readInto(found, fromSeq, max);
    return found;
  }

  readInto(found: ReadingSink, fromSeq: number, max: number): void {
    let wanted = this.#state.settled.nextPending(fromSeq);
    while (max > 0 && wanted < this.#state.nextSeq) {
      const next = this.collect(wanted, max, found);
      if (found.length > 0) break;
      this.#state.lose(wanted, next - 1);
      wanted = this.#state.settled.nextPending(next);
    }
  }

  mark(firstSeq: number, lastSeq: number): boolean {
    const { settled } = this.#state;
    if (!(firstSeq >= 1 && firstSeq <= lastSeq && lastSeq < this.#state.nextSeq))
      throw new RangeError("a mark must lie within the readings that were appended");
    if (settled.countPending(firstSeq, lastSeq) === 0) return true;
    if (!settled.hasRoomFor(firstSeq, lastSeq)) return false;
    if (!this.#ring.store((into, base) => encodeMark(into, base, firstSeq, lastSeq))) return false;
    this.#state.apply({ kind: "mark", first: firstSeq, last: lastSeq });
    return true;
  }

  date(boot: number, unixSecondsAtBoot: number): boolean {
    const unix = Math.floor(unixSecondsAtBoot);
    if (!isCount(boot) || !isCount(unix))
      throw new RangeError("a boot's number and time must be 32-bit counts");
    const before = this.#state.dateOf(boot);
    if (before === unix) return false;
    if (!this.keepDate(boot, unix)) return false;
    // No boot before this one can have lasted into it.
    this.undate(0, boot - 1, unix + STEP_SECONDS);
    return before !== undefined && Math.abs(before - unix) > STEP_SECONDS && this.reopen();
  }

  /** `after`: of those boots, the ones that lasted until after it. */
  undate(firstBoot: number, lastBoot: number, after = 0): void {
    for (const boot of this.#state.datedBoots(firstBoot, lastBoot, after)) this.keepDate(boot, NO_DATE);
  }

  close(): void {
    this.#ring.close();
  }

  private keepDate(boot: number, unixSecondsAtBoot: number): boolean {
    if (!this.#ring.store((into, base) => encodeDate(into, base, boot, unixSecondsAtBoot))) return false;
    this.#state.apply({ kind: "date", boot, unixSecondsAtBoot });
    return true;
  }

  /** The readings of this boot that are still in the flash wait again, delivered or not. False: there are none. */
  private reopen(): boolean {
    const first = Math.max(this.#firstSeq, this.#ring.oldestSeq());
    if (first >= this.#state.nextSeq) return false;
    if (!this.#ring.store((into, base) => encodeReopen(into, base, first))) return false;
    this.#state.apply({ kind: "reopen", first });
    return true;
  }

  /** Adds pending readings from `wanted` on to `found`. Returns the first `seq` that is there after those. */
  private collect(wanted: number, max: number, found: ReadingSink): number {
    let sector = this.#ring.locate(wanted);
    let open = this.#ring.scan(this.#scanner, sector, wanted >= this.#cursor.seq ? this.#cursor : undefined);
    while (found.length < max && this.#state.settled.isPending(wanted)) {
      const record = open ? this.#scanner.next() : undefined;
      if (!record) {
        const next = this.#ring.after(sector);
        if (next === undefined) return this.#state.nextSeq;
        sector = next;
        open = this.#ring.scan(this.#scanner, sector);
      } else if (record.kind === "reading" && record.reading.seq >= wanted) {
        if (record.reading.seq > wanted) return record.reading.seq;
        if (found.push(this.#state.dated(record.reading)) === false) return wanted;
        wanted++;
        this.#cursor = { seq: wanted, generation: this.#scanner.generation, offset: this.#scanner.position };
      }
    }
    return wanted;
  }
}

/** A number of 32 bits, whole or not (seconds may have a fraction, which is not kept). */
function isCount(value: number): boolean {
  return value >= 0 && value < 2 ** 32;
}
