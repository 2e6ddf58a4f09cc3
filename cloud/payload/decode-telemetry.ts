// The cloud's side of docs/payload.md, for Node. It knows that document and nothing of the firmware.
import { inflateSync } from "node:zlib";
import { QUANTITIES, type Quantity, STEPS_PER_UNIT } from "./quantities";
import { TELEMETRY_DICTIONARY } from "./telemetry-dictionary";

/** Payload.md promises no more; what inflates to more is not ours. */
const MAX_JSON_BYTES = 4096;

export type DecodedQuantity = Quantity;

/** One reading in steps, as a store keeps it. Either `unixSeconds` tells when it was taken, or the other two do. */
export interface ReadingInSteps {
  readonly epoch: string;
  readonly seq: number;
  readonly unixSeconds?: number;
  readonly boot?: number;
  readonly uptimeSeconds?: number;
  /** In the order of {@link QUANTITIES}; `null`: no value. */
  readonly steps: readonly (number | null)[];
}

/** One reading. Either `unixSeconds` tells when it was taken, or `boot` and `uptimeSeconds` do. */
export interface DecodedReading {
  /** With `seq`, the reading's identity: of repetitions of a pair the newest wins (docs/payload.md). */
  readonly epoch: string;
  readonly seq: number;
  readonly unixSeconds?: number;
  readonly boot?: number;
  readonly uptimeSeconds?: number;
  /** Units as in payload.md; a quantity without a value is absent. */
  readonly values: { readonly [quantity in DecodedQuantity]?: number };
}

/** A payload that is no telemetry batch; the message says what is wrong with it. */
export class TelemetryError extends Error {
  override name = "TelemetryError";
}

type Column = readonly (number | undefined)[];

/** Do messages of this topic, or of what follows the device's part of it, hold readings? */
export function isTelemetry(topic: string): boolean {
  return /(?:^|\/)telemetry(?:\/zd1)?$/.test(topic);
}

/** The readings of one message of `telemetry` or `telemetry/zd1`, in order of `seq`. */
export function decodeTelemetry(payload: Uint8Array): DecodedReading[] {
  return decodeSteps(payload).map(({ steps, ...reading }) => ({
    ...reading,
    values: Object.fromEntries(
      QUANTITIES.flatMap((quantity, i) => {
        const cell = steps[i] ?? null;
        return cell === null ? [] : [[quantity, cell / STEPS_PER_UNIT[quantity]]];
      }),
    ),
  }));
}

/** The same in steps. */
export function decodeSteps(payload: Uint8Array): ReadingInSteps[] {
  const batch = parseJson(inflateTelemetry(payload));
  const { epoch, seq } = batch;
  if (typeof epoch !== "string" || !/^[0-9a-f]{8}$/.test(epoch))
    throw new TelemetryError("epoch: not 8 hex digits");
  if (!isWhole(seq) || seq < 1) throw new TelemetryError("seq: not a whole number from 1 on");
  const time = column(batch, "time");
  const boot = column(batch, "boot");
  const uptime = column(batch, "uptime");
  const count = (time ?? boot)?.length;
  if (count === undefined) throw new TelemetryError("neither time nor boot");
  const columns = QUANTITIES.map((quantity) => column(batch, quantity));
  for (const each of [time, boot, uptime, ...columns])
    if (each && each.length !== count) throw new TelemetryError("columns differ in length");

  return Array.from({ length: count }, (_, i) => ({
    epoch,
    seq: seq + i,
    ...stamp(time?.[i], boot?.[i], uptime?.[i]),
    steps: columns.map((cells) => cells?.[i] ?? null),
  }));
}

/** The JSON text of such a message: the stream itself says whether it has the dictionary. */
export function inflateTelemetry(payload: Uint8Array): Uint8Array {
  try {
    // `info` tells how much was consumed; @types/node does not know it for inflateSync.
    const { buffer, engine } = inflateSync(payload, {
      maxOutputLength: MAX_JSON_BYTES,
      dictionary: TELEMETRY_DICTIONARY,
      info: true,
    }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten !== payload.length) throw new Error("bytes follow its end");
    return buffer;
  } catch (error) {
    throw new TelemetryError(`not a zlib stream of at most ${MAX_JSON_BYTES} bytes: ${messageOf(error)}`);
  }
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new TelemetryError(`not JSON: ${messageOf(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TelemetryError("not a JSON object");
  return { ...value };
}

/** Undoes the differences of a column; undefined when the batch does not have it. */
function column(batch: Record<string, unknown>, key: string): Column | undefined {
  const cells = batch[key];
  if (cells === undefined) return undefined;
  if (!Array.isArray(cells) || cells.length === 0)
    throw new TelemetryError(`${key}: not an array with cells`);
  let previous = 0;
  return cells.map((cell: unknown) => {
    if (cell === null) return undefined;
    if (!isWhole(cell) || !isWhole(previous + cell))
      throw new TelemetryError(`${key}: a cell is neither a whole number nor null`);
    previous += cell;
    return previous;
  });
}

function stamp(
  unixSeconds: number | undefined,
  boot: number | undefined,
  uptimeSeconds: number | undefined,
): Pick<DecodedReading, "unixSeconds" | "boot" | "uptimeSeconds"> {
  if (unixSeconds !== undefined) return { unixSeconds };
  if (boot !== undefined && uptimeSeconds !== undefined) return { boot, uptimeSeconds };
  throw new TelemetryError("a reading has neither time nor boot and uptime");
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
