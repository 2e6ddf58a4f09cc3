import type { Measurement } from "../telemetry/reading";

/**
 * What the Sensirion SEN50, SEN54 and SEN55 say on I²C: 16-bit commands, 16-bit words, big-endian, a CRC-8 behind
 * each word. After Sensirion's drivers embedded-i2c-sen5x (8903350: sen5x_i2c.c, sen5x_i2c.h) and python-i2c-sen5x
 * (85aee9b: response_types.py, tests/response_types).
 */
export interface Sen5xCommand {
  readonly code: number;
  /** What it takes until the answer can be read, or the next command be sent. */
  readonly waitMs: number;
  /** Words of the answer. */
  readonly words: number;
}

export const SEN5X_ADDRESS = 0x69;
/** Product names that are spoken with here. */
export const SEN5X_MODELS: readonly string[] = Object.freeze(["SEN50", "SEN54", "SEN55"]);

// Where the two drivers name different times, the longer one.
export const COMMAND = Object.freeze(
  {
    startMeasurement: { code: 0x0021, waitMs: 50, words: 0 },
    readDataReady: { code: 0x0202, waitMs: 20, words: 1 },
    readValues: { code: 0x03c4, waitMs: 20, words: 8 },
    readProductName: { code: 0xd014, waitMs: 50, words: 16 },
    readSerialNumber: { code: 0xd033, waitMs: 50, words: 16 },
    readVersion: { code: 0xd100, waitMs: 20, words: 4 },
    readAndClearStatus: { code: 0xd210, waitMs: 20, words: 2 },
    reset: { code: 0xd304, waitMs: 200, words: 0 },
  } as const satisfies Record<string, Sen5xCommand>,
  true,
);

/** Bytes of the longest answer. */
export const MAX_ANSWER_LENGTH = 48;

/** A command with its arguments, each a word: what is written to the bus. */
export function formatCommand(code: number, words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 + 3 * words.length);
  bytes[0] = code >> 8;
  bytes[1] = code;
  for (let i = 0; i < words.length; i++) {
    const at = 2 + 3 * i;
    bytes[at] = words[i]! >> 8;
    bytes[at + 1] = words[i]!;
    bytes[at + 2] = crc8(bytes, at);
  }
  return bytes;
}

/**
 * Takes the CRCs out of an answer, in place: the bytes of its words are the result. `undefined` when a CRC is wrong
 * or the answer is not of whole words.
 */
export function parseAnswer(answer: Uint8Array): Uint8Array | undefined {
  if (answer.length % 3 !== 0) return undefined;
  let length = 0;
  for (let at = 0; at < answer.length; at += 3) {
    if (crc8(answer, at) !== answer[at + 2]) return undefined;
    answer[length++] = answer[at]!;
    answer[length++] = answer[at + 1]!;
  }
  return answer.subarray(0, length);
}

/** CRC-8 of the word at `at`: polynomial 0x31, beginning with 0xFF (sensirion_i2c.h). */
function crc8(bytes: Uint8Array, at: number): number {
  let crc = 0xff;
  for (let i = at; i < at + 2; i++) {
    crc ^= bytes[i]!;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : crc << 1;
  }
  return crc;
}

/** Text of an answer, up to its NUL; characters that are not printable ASCII end it too. */
export function parseText(data: Uint8Array): string {
  let text = "";
  for (let i = 0; i < data.length; i++) {
    const code = data[i]!;
    if (code < 0x20 || code > 0x7e) break;
    text += String.fromCharCode(code);
  }
  return text;
}

/** Firmware version, "2.0". */
export function parseVersion(data: Uint8Array): string {
  return `${data[0]!}.${data[1]!}`;
}

/**
 * Values of an answer to `readValues`. What the sensor does not know (0xFFFF, 0x7FFF) or what cannot be (humidity
 * beyond 0–100 %, an index beyond 1–500: while it learns, an index is 0) is absent.
 */
export function parseValues(data: Uint8Array): Measurement {
  const values: Measurement = {};
  keep(values, "pm1", unsigned(data, 0), 10, 0, 0xfffe);
  keep(values, "pm2_5", unsigned(data, 2), 10, 0, 0xfffe);
  keep(values, "pm4", unsigned(data, 4), 10, 0, 0xfffe);
  keep(values, "pm10", unsigned(data, 6), 10, 0, 0xfffe);
  keep(values, "humidity", signed(data, 8), 100, 0, 10_000);
  keep(values, "temperature", signed(data, 10), 200, -0x8000, 0x7ffe);
  keep(values, "voc", signed(data, 12), 10, 10, 5000);
  keep(values, "nox", signed(data, 14), 10, 10, 5000);
  return values;
}

function keep(
  values: Measurement,
  quantity: keyof Measurement,
  raw: number,
  scale: number,
  min: number,
  max: number,
): void {
  if (raw >= min && raw <= max) values[quantity] = raw / scale;
}

function unsigned(data: Uint8Array, at: number): number {
  return (data[at]! << 8) | data[at + 1]!;
}

function signed(data: Uint8Array, at: number): number {
  return (unsigned(data, at) << 16) >> 16;
}

/** What the status register tells of: the worst first. */
export type Sen5xStatus =
  /** The fan is on and stands still: blocked or broken. Particle values are worthless. */
  | "fan failure"
  /** Current of the laser out of range. Particle values are worthless. */
  | "laser failure"
  /** No talk with the humidity and temperature sensor. */
  | "humidity sensor failure"
  /** No talk with the gas sensor (VOC, NOx). */
  | "gas sensor failure"
  /** Fan speed out of range, as in great heat or cold while it starts, or with too little voltage. */
  | "fan speed out of range";

const STATUS_BITS: readonly (readonly [bit: number, status: Sen5xStatus])[] = Object.freeze(
  [
    [4, "fan failure"],
    [5, "laser failure"],
    [6, "humidity sensor failure"],
    [7, "gas sensor failure"],
    [21, "fan speed out of range"],
  ],
  true,
);

const PARTICLES: readonly (keyof Measurement)[] = Object.freeze(["pm1", "pm2_5", "pm4", "pm10"]);

/** Quantities that a status makes worthless. */
export const SPOILED_BY = Object.freeze(
  {
    "fan failure": PARTICLES,
    "laser failure": PARTICLES,
    "humidity sensor failure": ["temperature", "humidity"],
    "gas sensor failure": ["voc", "nox"],
    "fan speed out of range": [],
  } as const satisfies Record<Sen5xStatus, readonly (keyof Measurement)[]>,
  true,
);

/** Every status that an answer to `readAndClearStatus` tells of, the worst first. */
export function parseStatus(data: Uint8Array): Sen5xStatus[] {
  const flags = (unsigned(data, 0) << 16) | unsigned(data, 2);
  return STATUS_BITS.filter(([bit]) => flags & (1 << bit)).map(([, status]) => status);
}
