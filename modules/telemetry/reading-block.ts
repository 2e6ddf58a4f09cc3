import { type Quantity, RESOLUTION, type Reading } from "./reading";

/** The columns of a batch (docs/payload.md), in their order. */
export type Column = "time" | "boot" | "uptime" | Quantity;

export const COLUMNS: readonly Column[] = Object.freeze([
  "time",
  "boot",
  "uptime",
  ...(Object.keys(RESOLUTION) as Quantity[]),
]);

/** Columns that are counts of 32 bits; those after them have a sign. */
const COUNTS = 3;
/** Beyond, a number is a fault and counts as not known. */
const LARGEST_COUNT = 0xffffffff;
const LARGEST_STEPS = 0x7fffffff;

/**
 * Readings with consecutive `seq`, kept column by column in whole steps: 52 bytes a reading, where an object each takes
 * five times as much.
 */
export class ReadingBlock {
  /** `seq` of the first; 0: there is none. */
  first = 0;
  length = 0;
  #capacity: number;
  #cells: Int32Array;
  /** A bit a column: its cell is known. */
  #known: Uint32Array;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#cells = new Int32Array(capacity * COLUMNS.length);
    this.#known = new Uint32Array(capacity);
  }

  /** False: it is full, or the reading does not follow the last one. */
  push(reading: Reading): boolean {
    const { length } = this;
    if (length === this.#capacity || (length > 0 && reading.seq !== this.first + length)) return false;
    if (length === 0) this.first = reading.seq;
    this.#known[length] = 0;
    this.length = length + 1;
    const { unixSeconds } = reading;
    if (unixSeconds !== undefined) this.put(length, 0, unixSeconds, LARGEST_COUNT);
    else {
      this.put(length, 1, reading.boot, LARGEST_COUNT);
      this.put(length, 2, reading.uptimeSeconds, LARGEST_COUNT);
    }
    for (let c = COUNTS; c < COLUMNS.length; c++) {
      const quantity = COLUMNS[c] as Quantity;
      const value = reading.values[quantity];
      if (value !== undefined)
        this.put(length, c, value * Math.round(1 / RESOLUTION[quantity]), LARGEST_STEPS);
    }
    return true;
  }

  /** Value of reading `i` in column `c`, in steps of the column; `undefined`: not known. */
  steps(i: number, c: number): number | undefined {
    if ((this.#known[i]! & (1 << c)) === 0) return undefined;
    const cell = this.#cells[i * COLUMNS.length + c]!;
    return c < COUNTS ? cell >>> 0 : cell;
  }

  /** Keeps the first `length` readings, or all if there are fewer. */
  truncate(length: number): void {
    if (length < this.length) this.length = length;
    if (this.length === 0) this.first = 0;
  }

  private put(i: number, c: number, value: number, largest: number): void {
    const steps = Math.round(value);
    if (!(Math.abs(steps) <= largest)) return;
    this.#cells[i * COLUMNS.length + c] = steps;
    this.#known[i]! |= 1 << c;
  }
}
