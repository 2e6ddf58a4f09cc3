import TextDecoder from "text/decoder";

/** Fields of a form; names that come twice: the first counts. */
export type Form = ReadonlyMap<string, string>;

/** The largest form has eight. */
const MOST_FIELDS = 12;
const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PLUS = 0x2b;
const PERCENT = 0x25;

/**
 * `application/x-www-form-urlencoded` (WHATWG URL 5.1). `undefined`: too many fields, a percent sign without two hex
 * digits, or bytes that are not UTF-8.
 */
export function parseForm(body: Uint8Array): Form | undefined {
  const fields = new Map<string, string>();
  let start = 0;
  for (let i = 0; i <= body.length; i++) {
    if (i < body.length && body[i] !== AMPERSAND) continue;
    if (i > start) {
      let equals = body.indexOf(EQUALS, start);
      if (equals < 0 || equals > i) equals = i;
      const name = decode(body.subarray(start, equals));
      const value = decode(body.subarray(Math.min(equals + 1, i), i));
      if (name === undefined || value === undefined || fields.size === MOST_FIELDS) return undefined;
      if (!fields.has(name)) fields.set(name, value);
    }
    start = i + 1;
  }
  return fields;
}

/** The value of `name` in a query string of digits and letters; empty when it is not there. */
export function queryValue(query: string, name: string): string {
  for (const field of query.split("&")) if (field.startsWith(`${name}=`)) return field.slice(name.length + 1);
  return "";
}

/** The text of bytes written in hex, `undefined` when they are not UTF-8 or not hex. */
export function textFromHex(hex: string): string | undefined {
  if (hex.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digit(hex.charCodeAt(i * 2));
    const low = digit(hex.charCodeAt(i * 2 + 1));
    if (high < 0 || low < 0) return undefined;
    bytes[i] = high * 16 + low;
  }
  return utf8(bytes);
}

export function hexOf(bytes: Uint8Array): string {
  let hex = "";
  for (let i = 0; i < bytes.length; i++) hex += (bytes[i]! + 0x100).toString(16).slice(1);
  return hex;
}

function decode(encoded: Uint8Array): string | undefined {
  const bytes = new Uint8Array(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    const byte = encoded[i]!;
    if (byte !== PERCENT) {
      bytes[length++] = byte === PLUS ? 0x20 : byte;
      continue;
    }
    const high = digit(encoded[i + 1]);
    const low = digit(encoded[i + 2]);
    if (high < 0 || low < 0) return undefined;
    bytes[length++] = high * 16 + low;
    i += 2;
  }
  return utf8(bytes.subarray(0, length));
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function digit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
