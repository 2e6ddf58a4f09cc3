import type { Measurement } from "../../telemetry/reading";

// What all of Sensirion's sensors say on I²C: commands of 16 bits (SHT4x: 8), words of 16 bits, big-endian, a CRC-8
// behind each word. After sensirion_i2c.c of Sensirion/embedded-i2c-sen66 (85c2c90).

/**
 * Words of the longest answer that is read. A master may end a transfer after any word: names and serial numbers are
 * read as far as they go, not to the end of their padding. At 100 kHz that keeps each transfer below 3 ms.
 */
export const MAX_WORDS = 10;

/** A command with its arguments, each a word: what is written to the bus. Below 0: a command of one byte. */
export function formatCommand(code: number, words: readonly number[]): Uint8Array {
  const head = code < 0 ? 1 : 2;
  const bytes = new Uint8Array(head + 3 * words.length);
  bytes[0] = head === 1 ? -code : code >> 8;
  if (head === 2) bytes[1] = code;
  for (let i = 0; i < words.length; i++) {
    const at = head + 3 * i;
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

/** A serial number that is a number, as Sensirion's tools print it: hexadecimal. */
export function parseSerial(data: Uint8Array): string {
  let text = "";
  for (let i = 0; i < data.length; i++) text += (data[i]! + 0x100).toString(16).slice(1);
  return text.toUpperCase();
}

/** Firmware version, "2.0". */
export function parseVersion(data: Uint8Array): string {
  return `${data[0]!}.${data[1]!}`;
}

export function unsigned(data: Uint8Array, at: number): number {
  return (data[at]! << 8) | data[at + 1]!;
}

export function signed(data: Uint8Array, at: number): number {
  return (unsigned(data, at) << 16) >> 16;
}

/** One number of an answer: where it goes, what it is divided by, which raw values are values at all, what is added. */
export type Field = readonly [
  quantity: keyof Measurement,
  scale: number,
  min: number,
  max: number,
  zero?: number,
];

/** Number `i` of `data` is `fields[i]`. What is out of its range is absent: unknown to the sensor, or impossible. */
export function parseFields(data: Uint8Array, fields: readonly Field[], values: Measurement): void {
  for (let i = 0; i < fields.length; i++) {
    const [quantity, scale, min, max, zero = 0] = fields[i]!;
    // Signed where what is unknown is 0x7FFF, unsigned where it is 0xFFFF.
    const raw = max > 0x7fff ? unsigned(data, 2 * i) : signed(data, 2 * i);
    if (raw >= min && raw <= max) values[quantity] = raw / scale + zero;
  }
}

/** What the status register tells of, the worst first: its bit, its name, the quantities that it makes worthless. */
export type StatusBits<Status extends string> = readonly (readonly [
  bit: number,
  status: Status,
  spoiled: readonly (keyof Measurement)[],
])[];

export const PARTICLES: readonly (keyof Measurement)[] = Object.freeze([
  "pm1",
  "pm2_5",
  "pm4",
  "pm10",
  "nc0_5",
  "nc1",
  "nc2_5",
  "nc4",
  "nc10",
  "particleSize",
]);

/** The rows of `bits` that an answer of two words tells of. */
export function parseStatus<Status extends string>(
  data: Uint8Array,
  bits: StatusBits<Status>,
): StatusBits<Status> {
  const flags = (unsigned(data, 0) << 16) | unsigned(data, 2);
  return bits.filter(([bit]) => flags & (1 << bit));
}

/** Takes out of `values` what is worthless. */
export function drop(values: Measurement, quantities: readonly (keyof Measurement)[]): void {
  for (const quantity of quantities) delete values[quantity];
}
