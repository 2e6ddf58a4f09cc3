import { type Quantity, RESOLUTION, type Reading } from "./reading";

/** No batch is longer, so that a decoder needs no more room. */
export const MAX_BATCH_BYTES = 4096;

export interface Batch {
  /** The JSON text of `docs/payload.md`, in ASCII. */
  readonly json: Uint8Array<ArrayBuffer>;
  /** How many of the readings it holds, from the first on; at least one. */
  readonly count: number;
}

type Column = "time" | "boot" | "uptime" | Quantity;

const COLUMNS: readonly Column[] = Object.freeze([
  "time",
  "boot",
  "uptime",
  ...(Object.keys(RESOLUTION) as Quantity[]),
]);

const NULL = "null";
/** Of a column beside its key and cells: `,"":[]`. */
const COLUMN_FRAME_BYTES = 6;
/** Beyond 32 bits, a number is a fault and counts as not known. */
const LARGEST = 0xffffffff;

/**
 * Formats as many of `readings` as are consecutive and fit. Cells are whole multiples of RESOLUTION, each less
 * the one before it in its column: over a simulated day 60 readings compress to 464 bytes, to 632 without the
 * differences, and to 642 as decimals (20 readings: 264, 318, 326; docs/benchmarks.md).
 *
 * @throws RangeError when there are no readings.
 */
export function formatBatch(readings: readonly Reading[], epoch: string): Batch {
  const first = readings[0];
  if (!first) throw new RangeError("readings: at least one");
  const head = `{"epoch":${JSON.stringify(epoch)},"seq":${first.seq}`;
  const { count, cellBytes } = measure(readings, MAX_BATCH_BYTES - head.length - 1);
  const json = new Uint8Array(head.length + cellBytes + 1);
  let at = putText(json, 0, head);
  for (const column of COLUMNS) at = putColumn(json, at, readings, count, column);
  putText(json, at, "}");
  return { json, count };
}

/** How many readings fit into `room` bytes, and the bytes that their columns take. */
function measure(readings: readonly Reading[], room: number): { count: number; cellBytes: number } {
  /** Per column its last known value; undefined: no reading has had one yet, the column does not exist. */
  const previous: (number | undefined)[] = COLUMNS.map(() => undefined);
  let cellBytes = 0;
  for (let i = 0; i < readings.length; i++) {
    const reading = readings[i]!;
    let more = 0;
    for (let c = 0; c < COLUMNS.length; c++) {
      const column = COLUMNS[c]!;
      const value = stepsOf(reading, column);
      const before = previous[c];
      const cell = value === undefined ? NULL.length : integerLength(value - (before ?? 0));
      if (before !== undefined) more += 1 + cell;
      else if (value !== undefined) more += COLUMN_FRAME_BYTES + column.length + i * (NULL.length + 1) + cell;
      previous[c] = value ?? before;
    }
    if (cellBytes + more > room || reading.seq !== readings[0]!.seq + i) return { count: i, cellBytes };
    cellBytes += more;
  }
  return { count: readings.length, cellBytes };
}

/** Writes a column, unless no reading has a value for it. Returns where the next byte goes. */
function putColumn(
  json: Uint8Array,
  start: number,
  readings: readonly Reading[],
  count: number,
  column: Column,
): number {
  let at = start;
  let previous: number | undefined;
  for (let i = 0; i < count; i++) {
    const value = stepsOf(readings[i]!, column);
    if (value !== undefined && previous === undefined) {
      at = putText(json, at, `,"${column}":[`);
      for (let missing = 0; missing < i; missing++) at = putText(json, at, "null,");
    }
    if (value === undefined && previous === undefined) continue;
    at = value === undefined ? putText(json, at, NULL) : putInteger(json, at, value - (previous ?? 0));
    at = putText(json, at, i === count - 1 ? "]" : ",");
    previous = value ?? previous;
  }
  return at;
}

/** A reading's value in steps of its column; undefined when it is not known. */
function stepsOf(reading: Reading, column: Column): number | undefined {
  switch (column) {
    case "time":
      return wholeSteps(reading.unixSeconds, 1);
    case "boot":
      return reading.unixSeconds === undefined ? wholeSteps(reading.boot, 1) : undefined;
    case "uptime":
      return reading.unixSeconds === undefined ? wholeSteps(reading.uptimeSeconds, 1) : undefined;
    default:
      return wholeSteps(reading.values[column], Math.round(1 / RESOLUTION[column]));
  }
}

function wholeSteps(value: number | undefined, stepsPerUnit: number): number | undefined {
  if (value === undefined) return undefined;
  const steps = Math.round(value * stepsPerUnit);
  return Math.abs(steps) <= LARGEST ? steps : undefined;
}

function integerLength(value: number): number {
  let length = value < 0 ? 2 : 1;
  for (let rest = Math.abs(value); rest >= 10; rest /= 10) length++;
  return length;
}

function putInteger(json: Uint8Array, at: number, value: number): number {
  const end = at + integerLength(value);
  if (value < 0) json[at] = 0x2d;
  let rest = Math.abs(value);
  for (let digit = end - 1; digit >= at + (value < 0 ? 1 : 0); digit--) {
    json[digit] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}

function putText(json: Uint8Array, at: number, ascii: string): number {
  for (let i = 0; i < ascii.length; i++) json[at + i] = ascii.charCodeAt(i);
  return at + ascii.length;
}
