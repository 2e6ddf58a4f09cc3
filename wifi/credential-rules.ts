import { utf8Length } from "../modules/base/utf8";

/** Bytes of an SSID (IEEE 802.11-2020, 9.4.2.2). */
export const MOST_SSID_BYTES = 32;

/** Whether `ssid` can be joined: 1–32 bytes of UTF-8 without NUL (the radio takes it as a C string). */
export function isSsid(ssid: string): boolean {
  if (ssid.length > MOST_SSID_BYTES) return false;
  const bytes = utf8Length(ssid);
  return bytes !== undefined && bytes >= 1 && bytes <= MOST_SSID_BYTES;
}

/** A WPA passphrase of 8–63 printable ASCII characters (IEEE 802.11-2020, J.4.1), or the key itself: 64 hex digits. */
export function isWpaPassword(password: string): boolean {
  const { length } = password;
  return length === 64 ? isHex(password) : length >= 8 && length < 64 && isPrintableAscii(password);
}

/** A WEP key: 5 or 13 ASCII characters, or 10 or 26 hex digits. All but the shortest are WPA passphrases too. */
export function isWepKey(password: string): boolean {
  const { length } = password;
  if (length === 5 || length === 13) return isPrintableAscii(password);
  return (length === 10 || length === 26) && isHex(password);
}

export function isPrintableAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

function isHex(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const digit = code >= 0x30 && code <= 0x39;
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x66;
    if (!digit && !letter) return false;
  }
  return true;
}
