import type { Stamp } from "../telemetry/reading";
import type { JournalState } from "./journal-state";
import { MAX_RECORD_BYTES, MIN_RECORD_BYTES, type SectorBase } from "./record";
import { type FlashReader, RecordScanner } from "./record-scanner";
import { encodeDetails, encodeHeader, HEADER_BYTES, parseDetails, parseHeader } from "./sector-header";
import { type FormatReason, surveySectors } from "./sector-survey";

/**
 * NOR flash, as `embedded:storage/flash` has it: writes only clear bits, a block erases to FF. What it throws passes
 * through the journal.
 */
export interface Flash extends FlashReader {
  write(bytes: Uint8Array, byteOffset: number): void;
  eraseBlock(block: number): void;
  status(): { readonly size: number; readonly blockLength: number };
  close(): void;
}

/** A place between records that stays true only as long as its sector is not opened anew. */
export interface RecordPosition {
  readonly generation: number;
  /** In the flash. */
  readonly offset: number;
}

const MIN_SECTORS = 3;
const MIN_SECTOR_BYTES = 256;
/** Writes that read back wrong before a sector is left, and sectors left before giving up: the flash is worn. */
const MAX_TRIES = 3;

/**
 * The sectors of the partition, written in turn, so that they wear evenly.
 *
 * - A record is one write into the newest sector, the tail, and is read back: what a worn cell spoils is written
 *   again after it.
 * - A sector opens with a checkpoint of the state. Its header goes in last and makes it the tail, so a cut before
 *   that leaves the old tail.
 * - The sector to be opened is the oldest. When readings wait in it they are dropped: its header is zeroed, in one
 *   write that is the drop, and only then is it erased.
 * - Sectors that a newer firmware wrote in a format unknown here are passed over, and dropped when they are the oldest,
 *   like any other.
 */
export class SectorRing {
  /** Why opening formatted the partition. */
  readonly formatted: FormatReason | undefined;
  readonly epoch: number;
  #flash: Flash;
  #state: JournalState;
  #sectors: number;
  #sectorLength: number;
  /** By sector: `seq` of the first reading that it can hold; 0: not part of the ring. */
  #firstSeqs: Uint32Array;
  /** Sectors that a newer firmware wrote, which cannot be read. */
  #newer: readonly number[];
  /** The sector written to. */
  #tail: number;
  #base: SectorBase;
  /** In the tail: where the next record goes. */
  #offset = 0;
  /** Nothing that is written is kept: no more sectors are erased for it, so that what is there can still be read. */
  #worn = false;
  #record = new Uint8Array(MAX_RECORD_BYTES);
  #readBack = new Uint8Array(MAX_RECORD_BYTES);

  /** Recovers the ring and with it the state, or formats. Throws RangeError for a partition that is too small. */
  constructor(flash: Flash, state: JournalState, newEpoch: () => number) {
    const { size, blockLength } = flash.status();
    this.#flash = flash;
    this.#state = state;
    this.#sectorLength = blockLength;
    this.#sectors = Math.floor(size / blockLength);
    if (this.#sectors < MIN_SECTORS || blockLength < MIN_SECTOR_BYTES)
      throw new RangeError("a journal needs at least 3 blocks of 256 bytes");

    const { newest, firstSeqs, newer } = surveySectors(flash, this.#sectors, blockLength);
    this.#firstSeqs = firstSeqs;
    this.#newer = newer;
    if (typeof newest === "string") {
      this.formatted = newest;
      this.epoch = newEpoch() >>> 0;
      this.#tail = this.#sectors - 1;
      // Generations from a place of their own: no record that an earlier journal left has the right one.
      this.#base = { generation: this.epoch >>> 1, firstSeq: 1, boot: 0, unixSecondsAtBoot: 0 };
      this.format();
    } else {
      this.epoch = newest.header.epoch;
      this.#tail = newest.sector;
      this.#base = newest.header;
      this.recover();
    }
  }

  /**
   * Writes a record. `encode` puts it into the bytes that it is given and returns its length; it is called again
   * when the record goes into another sector. False: the flash does not keep what is written.
   */
  store(encode: (into: Uint8Array, base: SectorBase) => number, stamp?: Stamp): boolean {
    for (let spoiled = 0; spoiled < MAX_TRIES * MAX_TRIES && !this.#worn; ) {
      const length = encode(this.#record, this.#base);
      if (this.#offset + length > this.#sectorLength) {
        this.#worn = !this.openNext(stamp);
        continue;
      }
      const at = this.#tail * this.#sectorLength + this.#offset;
      this.#offset += length;
      if (this.write(this.#record.subarray(0, length), at)) return true;
      this.#state.torn++;
      if (++spoiled % MAX_TRIES === 0) this.#offset = this.#sectorLength;
    }
    this.#worn = true;
    return false;
  }

  /** The sector that reading `seq` is in, if it is in the ring at all. */
  locate(seq: number): number {
    for (let behind = 0; behind < this.#sectors; behind++) {
      const sector = (this.#tail - behind + this.#sectors) % this.#sectors;
      const firstSeq = this.#firstSeqs[sector]!;
      if (firstSeq !== 0 && firstSeq <= seq) return sector;
    }
    return this.#tail;
  }

  /** The next sector of the ring, `undefined` after the newest. */
  after(sector: number): number | undefined {
    while (sector !== this.#tail) {
      sector = (sector + 1) % this.#sectors;
      if (this.#firstSeqs[sector] !== 0) return sector;
    }
    return undefined;
  }

  /**
   * Puts `scanner` at the first record of `sector`, or at `from` when that is in it. False: its header is damaged.
   */
  scan(scanner: RecordScanner, sector: number, from?: RecordPosition): boolean {
    const header = this.header(sector);
    if (typeof header === "string" || header.isNewer) return false;
    const start = sector * this.#sectorLength;
    const end = start + (sector === this.#tail ? this.#offset : this.#sectorLength);
    const known = from?.generation === header.generation;
    scanner.start(header, known ? from.offset : start + HEADER_BYTES + header.detailsLength, end);
    return true;
  }

  close(): void {
    this.#flash.close();
  }

  /** Makes the ring empty. What was ours is voided first: nothing of it may ever be taken for the new journal's. */
  private format(): void {
    for (let sector = 0; sector < this.#sectors; sector++) {
      const header = this.header(sector);
      if (header !== "blank" && header !== "foreign") this.void(sector);
    }
    this.#firstSeqs.fill(0);
    this.#worn = !this.openNext();
  }

  /** Brings the state to where it was: the newest checkpoint that is whole, and the records since. */
  private recover(): void {
    let sector = this.#tail;
    while (!this.restore(sector, false)) {
      const before = (sector - 1 + this.#sectors) % this.#sectors;
      if (before === this.#tail || this.#firstSeqs[before] === 0) {
        // No checkpoint can be read: go on from the oldest one's numbers. Readings may come twice, none is lost.
        this.restore(sector, true);
        break;
      }
      sector = before;
    }
    const scanner = new RecordScanner(this.#flash);
    this.#offset = this.#sectorLength;
    for (let next: number | undefined = sector; next !== undefined; next = this.after(next)) {
      this.#state.nextSeq = Math.max(this.#state.nextSeq, this.#firstSeqs[next]!);
      if (!this.scan(scanner, next)) continue;
      for (let record = scanner.next(); record; record = scanner.next()) this.#state.apply(record);
      this.#state.torn += scanner.torn;
    }
    // A sector of a newer firmware takes no records of ours.
    if (!this.#newer.includes(this.#tail)) this.#offset = scanner.used - this.#tail * this.#sectorLength;
    this.#state.dropThrough(this.oldestSeq() - 1);
    this.keepNewer();
    this.countLost(scanner);
  }

  /** The numbers that a newer firmware gave in its sectors are neither read nor given again. */
  private keepNewer(): void {
    if (this.#newer.length === 0) return;
    const most = Math.floor((this.#sectorLength - HEADER_BYTES) / MIN_RECORD_BYTES);
    for (let ahead = 1; ahead <= this.#sectors; ahead++) {
      const sector = (this.#tail + ahead) % this.#sectors;
      if (!this.#newer.includes(sector)) continue;
      const firstSeq = this.#firstSeqs[sector]!;
      const next = this.after(sector);
      this.#state.keep(firstSeq, (next === undefined ? firstSeq + most : this.#firstSeqs[next]!) - 1);
    }
  }

  /**
   * A sector after the tail that has lost its header still tells, by its generation, that it was newer, and which
   * numbers were given. Its readings cannot be dated any more and count as torn when they are missed.
   */
  private countLost(scanner: RecordScanner): void {
    for (let ahead = 1; ahead < this.#sectors; ahead++) {
      const sector = (this.#tail + ahead) % this.#sectors;
      const header = this.header(sector);
      if (header !== "corrupt" && header !== "foreign") return;
      const base = {
        ...this.#base,
        generation: this.#base.generation + ahead,
        firstSeq: this.#state.nextSeq,
      };
      const start = sector * this.#sectorLength;
      scanner.start(base, start + HEADER_BYTES, start + this.#sectorLength);
      let record = scanner.next();
      if (!record) return;
      for (; record; record = scanner.next()) this.#state.countNumbers(record);
    }
  }

  /** Sets the state to the checkpoint of `sector`; false when it is damaged, unless it will do `withoutDetails`. */
  private restore(sector: number, withoutDetails: boolean): boolean {
    const header = this.header(sector);
    if (typeof header === "string" || (header.isNewer && !withoutDetails)) return false;
    const bytes = new Uint8Array(Math.min(header.detailsLength, this.#sectorLength - HEADER_BYTES));
    this.#flash.read(bytes, sector * this.#sectorLength + HEADER_BYTES);
    const details = header.isNewer ? undefined : parseDetails(bytes, header);
    if (!details && !withoutDetails) return false;
    this.#state.restore(header, details ?? { islands: [], dates: [] });
    return true;
  }

  /** Opens the sector after the tail, or the first after it that is not worn. False: none. */
  private openNext(stamp?: Stamp): boolean {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const sector = (this.#tail + 1) % this.#sectors;
      this.retire(sector);
      this.#flash.eraseBlock(sector);

      const { islands, dates, ...numbers } = this.#state.checkpoint();
      const base: SectorBase = {
        generation: this.#base.generation + 1,
        firstSeq: numbers.firstSeq,
        boot: stamp?.boot ?? this.#base.boot,
        unixSecondsAtBoot:
          stamp?.unixSeconds === undefined
            ? this.#base.unixSecondsAtBoot
            : Math.max(0, Math.floor(stamp.unixSeconds) - Math.floor(stamp.uptimeSeconds)),
      };
      const details = encodeDetails({ islands, dates }, { ...numbers, ...base });
      const header = encodeHeader({
        ...numbers,
        ...base,
        epoch: this.epoch,
        sectors: this.#sectors,
        sectorLength: this.#sectorLength,
        detailsLength: details.length,
      });
      const start = sector * this.#sectorLength;
      const written = this.write(details, start + HEADER_BYTES) && this.write(header, start);
      this.#tail = sector;
      this.#base = base;
      this.#offset = written ? HEADER_BYTES + details.length : this.#sectorLength;
      this.#firstSeqs[sector] = written ? numbers.firstSeq : 0;
      if (written) return true;
    }
    return false;
  }

  /** Takes the oldest sector out of the ring, with the readings that still wait in it. */
  private retire(sector: number): void {
    if (this.#firstSeqs[sector] === 0) return;
    const next = this.after(sector);
    const lastSeq = (next === undefined ? this.#state.nextSeq : this.#firstSeqs[next]!) - 1;
    const isNewer = this.#newer.includes(sector);
    if (isNewer || this.#state.settled.countPending(1, lastSeq) > 0) this.void(sector);
    if (isNewer) this.#newer = this.#newer.filter((each) => each !== sector);
    this.#firstSeqs[sector] = 0;
    this.#state.dropThrough(lastSeq);
  }

  private void(sector: number): void {
    this.#flash.write(new Uint8Array(HEADER_BYTES), sector * this.#sectorLength);
  }

  /** The first `seq` of the oldest sector; there is at least the tail. */
  oldestSeq(): number {
    for (let ahead = 1; ahead < this.#sectors; ahead++) {
      const firstSeq = this.#firstSeqs[(this.#tail + ahead) % this.#sectors]!;
      if (firstSeq !== 0) return firstSeq;
    }
    return this.#firstSeqs[this.#tail]!;
  }

  private header(sector: number): ReturnType<typeof parseHeader> {
    const bytes = new Uint8Array(HEADER_BYTES);
    this.#flash.read(bytes, sector * this.#sectorLength);
    return parseHeader(bytes);
  }

  /** Writes, and tells whether it reads back. */
  private write(bytes: Uint8Array, byteOffset: number): boolean {
    if (bytes.length === 0) return true;
    this.#flash.write(bytes, byteOffset);
    const step = this.#readBack.length;
    for (let from = 0; from < bytes.length; from += step) {
      const part = this.#readBack.subarray(0, Math.min(step, bytes.length - from));
      this.#flash.read(part, byteOffset + from);
      for (let i = 0; i < part.length; i++) if (part[i] !== bytes[from + i]) return false;
    }
    return true;
  }
}
