/**
 * Domain names on the wire (RFC 1035 3.1 and 4.1.4) and as text: lower case, labels joined by dots, the root "".
 * A byte that is not a letter, digit, hyphen or underscore is written `\ddd` (RFC 1035 5.1), so that a dot within
 * a label cannot pass for one between labels.
 */
export interface DnsName {
  readonly name: string;
  /** Offset of the first byte after the name. */
  readonly end: number;
}

/** Wire length of the longest name, length bytes and root included (RFC 1035 2.3.4). */
const MAX_WIRE_NAME = 255;
const MAX_LABEL = 63;
const POINTER = 0xc0;
/** Pointers followed in one name. Real messages have one or two; this bounds the work of a crafted one. */
const MAX_POINTERS = 16;

/**
 * Reads a name at `offset`, following compression. Bounded: each pointer must point before the place where the
 * labels it was met in began, so a loop cannot be. `undefined`: cut off, looping, too long, too many pointers, or
 * an unknown label type.
 */
export function readName(bytes: Uint8Array, offset: number): DnsName | undefined {
  let name = "";
  let end = 0;
  let wireLength = 1;
  let pointers = 0;
  let segmentStart = offset;
  let at = offset;
  while (at < bytes.length) {
    const length = bytes[at]!;
    if (length >= POINTER) {
      if (at + 1 >= bytes.length) return undefined;
      const target = ((length - POINTER) << 8) | bytes[at + 1]!;
      if (target >= segmentStart || ++pointers > MAX_POINTERS) return undefined;
      if (end === 0) end = at + 2;
      segmentStart = at = target;
      continue;
    }
    if (length > MAX_LABEL) return undefined;
    at += 1;
    if (length === 0) return { name, end: end === 0 ? at : end };
    wireLength += 1 + length;
    if (at + length > bytes.length || wireLength > MAX_WIRE_NAME) return undefined;
    if (name !== "") name += ".";
    for (const labelEnd = at + length; at < labelEnd; at++) name += textOf(bytes[at]!);
  }
  return undefined;
}

/** The uncompressed wire form of a host name. Throws RangeError unless {@link isDnsName}. */
export function formatName(name: string): Uint8Array {
  if (!isDnsName(name)) throw new RangeError("not a host name");
  const bytes = new Uint8Array(name.length + 2);
  let lengthAt = 0;
  for (let i = 0; i < name.length; i++) {
    const code = lowerCase(name.charCodeAt(i));
    if (code === DOT) lengthAt = i + 1;
    else {
      bytes[i + 1] = code;
      bytes[lengthAt]! += 1;
    }
  }
  return bytes;
}

/**
 * Whether text is a name that DNS can be asked for: letters, digits and hyphens, labels of 1 to 63 that neither
 * begin nor end with a hyphen, at most 253 characters, the last label not all digits (RFC 1123 2.1).
 */
export function isDnsName(text: string): boolean {
  if (text.length < 1 || text.length > 253) return false;
  let labelStart = 0;
  let onlyDigits = true;
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? DOT : lowerCase(text.charCodeAt(i));
    if (code === DOT) {
      const length = i - labelStart;
      if (length < 1 || length > MAX_LABEL) return false;
      if (text.charCodeAt(labelStart) === HYPHEN || text.charCodeAt(i - 1) === HYPHEN) return false;
      labelStart = i + 1;
      if (i < text.length) onlyDigits = true;
    } else if (isLetter(code) || code === HYPHEN) onlyDigits = false;
    else if (!isDigit(code)) return false;
  }
  return !onlyDigits;
}

const DOT = 0x2e;
const HYPHEN = 0x2d;
const UNDERSCORE = 0x5f;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isLetter = (lowerCaseCode: number): boolean => lowerCaseCode >= 0x61 && lowerCaseCode <= 0x7a;
const lowerCase = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code);

function textOf(byte: number): string {
  const code = lowerCase(byte);
  return isLetter(code) || isDigit(code) || code === HYPHEN || code === UNDERSCORE
    ? String.fromCharCode(code)
    : `\\${byte.toString().padStart(3, "0")}`;
}
