import type { Measurement } from "../../telemetry/reading";

// What all of Sensirion's sensors say on I²C: commands of 16 bits (SHT4x: 8), words of 16 bits, big-endian, a CRC-8
// behind each word. After sensirion_i2c.c of Sensirion/embedded-i2c-sen66 (85c2c90).

/**
 * Words of the longest answer that is read. A master may end a transfer after any word: names and serial numbers are
 * read as far as they go, not to the end of their padding. At 100 kHz that keeps each transfer below 3 ms.
 */
export const MAX_WORDS = 10;

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
export function parseWords(answer: Uint8Array): Uint8Array | undefined {
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

/** Keeps a number in `values` if it is from `min` to `max`: what is not is unknown to the sensor, or impossible. */
export function put(
  values: Measurement,
  quantity: keyof Measurement,
  raw: number,
  scale: number,
  max: number,
  min = 0,
): void {
  if (raw >= min && raw <= max) values[quantity] = raw / scale;
}
