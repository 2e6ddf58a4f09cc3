const INVALID = -1;

/**
 * Bytes of base64url without padding (RFC 4648, 5; RFC 7515, 2), or `undefined` for any text that an encoder would not
 * have written: other characters, a length that no bytes have, bits set beyond the last byte.
 */
export function decodeBase64Url(text: Uint8Array): Uint8Array | undefined {
  const left = text.length & 3;
  if (left === 1) return undefined;
  const bytes = new Uint8Array((text.length * 3) >> 2);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const value = sixBitsOf(text[i]!);
    if (value === INVALID) return undefined;
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >> bits;
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

/** The same of a string; `undefined` also for what is no string of ASCII. */
export function decodeBase64UrlText(text: string): Uint8Array | undefined {
  const codes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A byte would hold its lower half.
    if (!(code < 0x80)) return undefined;
    codes[i] = code;
  }
  return decodeBase64Url(codes);
}

function sixBitsOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code === 0x2d) return 62;
  return code === 0x5f ? 63 : INVALID;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Base64url without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (let i = 0; i < bytes.length; i++) {
    held = ((held << 8) | bytes[i]!) & 0xfff;
    for (bits += 8; bits >= 6; bits -= 6) text += ALPHABET[(held >> (bits - 6)) & 63];
  }
  return bits > 0 ? text + ALPHABET[(held << (6 - bits)) & 63] : text;
}
