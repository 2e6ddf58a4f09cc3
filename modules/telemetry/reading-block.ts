import { QUANTITY_NAMES, type Quantity, STEPS } from "./quantities";
import type { Reading } from "./reading";

/** The columns of a batch (docs/payload.md), in their order. */
export type Column = "time" | "boot" | "uptime" | Quantity;

export const COLUMNS: readonly Column[] = Object.freeze(["time", "boot", "uptime", ...QUANTITY_NAMES]);

/** Columns that are counts of 32 bits; those after them have a sign. */
const COUNTS = 3;
/** Beyond, a number is a fault and counts as not known. */
const LARGEST_COUNT = 0xffffffff;
const LARGEST_STEPS = 0x7fffffff;

/** Room for so many a reading, on the average: a monitor with more quantities has fewer readings in a batch. */
const USUAL_CELLS = 12;

/**
 * Readings with consecutive `seq`, in whole steps, the known cells of one behind those of the other: 54 bytes a reading,
 * where an object each takes five times as much.
 */
export class ReadingBlock {
  /** `seq` of the first; 0: there is none. */
  first = 0;
  length = 0;
  #capacity: number;
  #cells: Int32Array;
  /** Of each reading: a bit a column, its cell is known. */
  #known: Uint32Array;
  /** Of each reading: where its cells begin; then where the next one's would. */
  #starts: Uint16Array;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#cells = new Int32Array(Math.max(capacity * USUAL_CELLS, COLUMNS.length));
    this.#known = new Uint32Array(capacity);
    this.#starts = new Uint16Array(capacity + 1);
  }

  /** False: it is full, or the reading does not follow the last one. */
  push(reading: Reading): boolean {
    const { length } = this;
    if (length === this.#capacity || (length > 0 && reading.seq !== this.first + length)) return false;
    this.#known[length] = 0;
    this.#starts[length + 1] = this.#starts[length]!;
    const { unixSeconds, values } = reading;
    let fits =
      unixSeconds === undefined
        ? this.put(length, 1, reading.boot, LARGEST_COUNT) &&
          this.put(length, 2, reading.uptimeSeconds, LARGEST_COUNT)
        : this.put(length, 0, unixSeconds, LARGEST_COUNT);
    for (let c = COUNTS; fits && c < COLUMNS.length; c++) {
      const quantity = COLUMNS[c] as Quantity;
      const value = values[quantity];
      if (value !== undefined) fits = this.put(length, c, value * STEPS[quantity], LARGEST_STEPS);
    }
    if (!fits) return false;
    if (length === 0) this.first = reading.seq;
    this.length = length + 1;
    return true;
  }

  /** Value of reading `i` in column `c`, in steps of the column; `undefined`: not known. */
  steps(i: number, c: number): number | undefined {
    const known = this.#known[i]!;
    if ((known & (1 << c)) === 0) return undefined;
    const cell = this.#cells[this.#starts[i]! + bits(known & ((1 << c) - 1))]!;
    return c < COUNTS ? cell >>> 0 : cell;
  }

  /** Keeps the first `length` readings, or all if there are fewer. */
  truncate(length: number): void {
    if (length < this.length) this.length = length;
    if (this.length === 0) this.first = 0;
  }

  /** False: there is no room. */
  private put(i: number, c: number, value: number, largest: number): boolean {
    const steps = Math.round(value);
    if (!(Math.abs(steps) <= largest)) return true;
    const at = this.#starts[i + 1]!;
    if (at === this.#cells.length) return false;
    this.#cells[at] = steps;
    this.#starts[i + 1] = at + 1;
    this.#known[i]! |= 1 << c;
    return true;
  }
}

/** How many bits are set. */
function bits(of: number): number {
  let sum = of - ((of >> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >> 2) & 0x33333333);
  sum = (sum + (sum >> 4)) & 0x0f0f0f0f;
  sum += sum >> 8;
  return (sum + (sum >> 16)) & 0x3f;
}
