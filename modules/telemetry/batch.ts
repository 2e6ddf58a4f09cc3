import { COLUMNS, type ReadingBlock } from "./reading-block";

/** No batch is longer, so that a decoder needs no more room. */
export const MAX_BATCH_BYTES = 4096;

/**
 * What a batch looks like, for the preset dictionary of RFC 1950: ASCII that readers have as docs/telemetry-zd1.zdict.
 * How it was found and what it saves is in docs/benchmarks.md. With any other byte it is another version.
 */
export const DICTIONARY =
  '{"epoch":"","seq":,"time":[18,60,60,60,60],"pm1":[46,1,-1,1,-1,0,0,1,-1],"pm2_5":[60,-1,0,1,-2,-1,1,0,-1],"pm4":[61,2,-1,0,1,0,-1,-1,0],"pm10":[62,0,1,-1,2,1,-1,1,-1],"co2":[612,-2,3,1,-4,-5,6,-1,-1],"temperature":[2137,2,-1,1,0,0,-1,-1,0],"humidity":[4706,-7,-8,-3,-7],"voc":[100,1,-1,0,2,-1,-3,-1,-2],"nox":[1,0,0,0,0]}';

export interface Batch {
  /** The JSON text of `docs/payload.md`, in ASCII; before it the dictionary. */
  readonly json: Uint8Array<ArrayBuffer>;
  /** How many of the readings it holds, from the first on; at least one. */
  readonly count: number;
}

const NULL = "null";
/** Of a column beside its key and cells: `,"":[]`. */
const COLUMN_FRAME_BYTES = 6;

/**
 * Formats as many of `readings` as fit. Cells are whole steps, each less
 * the one before it in its column: over a simulated day 60 readings compress to 464 bytes, to 632 without the
 * differences, and to 642 as decimals (20 readings: 264, 318, 326; docs/benchmarks.md).
 * `dictionary`: ASCII that goes before the text, for the encoder to look back into.
 *
 * @throws RangeError when there are no readings.
 */
export function formatBatch(readings: ReadingBlock, epoch: string, dictionary = ""): Batch {
  if (readings.length === 0) throw new RangeError("readings: at least one");
  const head = `{"epoch":${JSON.stringify(epoch)},"seq":${readings.first}`;
  const { count, cellBytes } = measure(readings, MAX_BATCH_BYTES - head.length - 1);
  const json = new Uint8Array(dictionary.length + head.length + cellBytes + 1);
  let at = putText(json, putText(json, 0, dictionary), head);
  for (let c = 0; c < COLUMNS.length; c++) at = putColumn(json, at, readings, count, c);
  putText(json, at, "}");
  return { json, count };
}

/** How many readings fit into `room` bytes, and the bytes that their columns take. */
function measure(readings: ReadingBlock, room: number): { count: number; cellBytes: number } {
  /** Per column its last known value; undefined: no reading has had one yet, the column does not exist. */
  const previous: (number | undefined)[] = COLUMNS.map(() => undefined);
  let cellBytes = 0;
  for (let i = 0; i < readings.length; i++) {
    let more = 0;
    for (let c = 0; c < COLUMNS.length; c++) {
      const value = readings.steps(i, c);
      const before = previous[c];
      const cell = value === undefined ? NULL.length : integerLength(value - (before ?? 0));
      if (before !== undefined) more += 1 + cell;
      else if (value !== undefined)
        more += COLUMN_FRAME_BYTES + COLUMNS[c]!.length + i * (NULL.length + 1) + cell;
      previous[c] = value ?? before;
    }
    if (cellBytes + more > room) return { count: i, cellBytes };
    cellBytes += more;
  }
  return { count: readings.length, cellBytes };
}

/** Writes a column, unless no reading has a value for it. Returns where the next byte goes. */
function putColumn(
  json: Uint8Array,
  start: number,
  readings: ReadingBlock,
  count: number,
  c: number,
): number {
  let at = start;
  let previous: number | undefined;
  for (let i = 0; i < count; i++) {
    const value = readings.steps(i, c);
    if (value !== undefined && previous === undefined) {
      at = putText(json, at, `,"${COLUMNS[c]}":[`);
      for (let missing = 0; missing < i; missing++) at = putText(json, at, "null,");
    }
    if (value === undefined && previous === undefined) continue;
    at = value === undefined ? putText(json, at, NULL) : putInteger(json, at, value - (previous ?? 0));
    at = putText(json, at, i === count - 1 ? "]" : ",");
    previous = value ?? previous;
  }
  return at;
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
