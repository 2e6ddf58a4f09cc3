import { decodeRecord, type JournalRecord, MAX_RECORD_BYTES, recordLength, type SectorBase } from "./record";

/** What the scanner needs of the flash. */
export interface FlashReader {
  read(into: Uint8Array, byteOffset: number): unknown;
}

const WINDOW_BYTES = 256;

/**
 * Reads the records of a sector in order, through a small window. After damage (a torn write) it looks for the next
 * record byte by byte. One scanner serves one sector at a time: `start` moves it.
 */
export class RecordScanner {
  #flash: FlashReader;
  #window = new Uint8Array(WINDOW_BYTES);
  #windowAt = 0;
  #windowEnd = 0;
  #base!: SectorBase;
  #end = 0;
  #damaged = false;
  /** Flash offset after the last record that `next` returned, or where it started. */
  position = 0;
  /** Flash offset after the last byte that is not FF. */
  used = 0;
  /** Stretches between records that hold bytes but no record. */
  torn = 0;

  constructor(flash: FlashReader) {
    this.#flash = flash;
  }

  /** The generation of the sector that is scanned. */
  get generation(): number {
    return this.#base.generation;
  }

  /** Scans the records from flash offset `from` to `end`, of a sector with header `base`. */
  start(base: SectorBase, from: number, end: number): void {
    this.#base = base;
    this.#end = end;
    this.#windowEnd = 0;
    this.#damaged = false;
    this.position = from;
    this.used = from;
    this.torn = 0;
  }

  /** The next record, or `undefined` at the end. */
  next(): JournalRecord | undefined {
    for (let at = this.position; at < this.#end; at++) {
      this.fill(at);
      const index = at - this.#windowAt;
      if (this.#window[index] === 0xff) continue;
      this.used = at + 1;
      const windowEnd = this.#windowEnd - this.#windowAt;
      const length = recordLength(this.#window, index, windowEnd, this.#base.generation);
      const record = length > 0 ? decodeRecord(this.#window, index, length, this.#base) : undefined;
      if (record) {
        this.#damaged = false;
        this.used = at + length;
        this.position = at + length;
        return record;
      }
      if (!this.#damaged) this.torn++;
      this.#damaged = true;
    }
    this.position = this.#end;
    return undefined;
  }

  /** Brings a whole record at `at` into the window, or all that is left. */
  private fill(at: number): void {
    const needed = Math.min(at + MAX_RECORD_BYTES, this.#end);
    if (at >= this.#windowAt && needed <= this.#windowEnd) return;
    const length = Math.min(WINDOW_BYTES, this.#end - at);
    this.#flash.read(length === WINDOW_BYTES ? this.#window : this.#window.subarray(0, length), at);
    this.#windowAt = at;
    this.#windowEnd = at + length;
  }
}
