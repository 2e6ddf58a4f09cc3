import TextDecoder from "text/decoder";

export interface JsonLimits {
  readonly mostBytes: number;
  /** Objects and arrays inside one another, the outermost included. */
  readonly mostDepth: number;
  /** Objects, arrays and commas: what parsing costs memory for. */
  readonly mostParts: number;
}

/** Why bytes from outside are no JSON object that this device reads. */
export type JsonFault =
  | "too-long"
  /** Objects or arrays nested deeper than the limit, or more parts than it. */
  | "too-complex"
  /** Not UTF-8, or not JSON. */
  | "not-json"
  /** JSON, but not an object. */
  | "not-an-object";

export type JsonObject = { readonly [name: string]: unknown };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * The one way from outside bytes to JSON. Nesting and parts are counted before parsing, since `JSON.parse` of deep
 * nesting ends the device (docs/xs.md).
 */
export function parseJsonObject(bytes: Uint8Array, limits: JsonLimits): JsonObject | JsonFault {
  if (bytes.length > limits.mostBytes) return "too-long";
  if (!isSimple(bytes, limits)) return "too-complex";
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return "not-json";
  }
  return isObject(value) ? value : "not-an-object";
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSimple(bytes: Uint8Array, { mostDepth, mostParts }: JsonLimits): boolean {
  let depth = 0;
  let parts = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (quoted) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === COMMA) parts++;
    else if (byte === 0x5b || byte === 0x7b) {
      parts++;
      if (++depth > mostDepth) return false;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return parts <= mostParts;
}
