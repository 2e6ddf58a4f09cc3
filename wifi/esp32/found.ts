import TextDecoder from "text/decoder";
import { isSound } from "../air";
import { MOST_SSID_BYTES } from "../credential-rules";
import type { AccessPointInfo, Security } from "../radio";

/** Bytes of `radio_found` in radio.h: length of the SSID, SSID (32), BSSID (6), channel, RSSI, wifi_auth_mode_t. */
export const FOUND_LENGTH = 42;
const SSID_OFFSET = 1;
const BSSID_OFFSET = 33;
const CHANNEL_OFFSET = 39;
const RSSI_OFFSET = 40;
const AUTHMODE_OFFSET = 41;

/** By wifi_auth_mode_t of ESP-IDF 6.0 (esp_wifi_types_generic.h); radio.c asserts the numbers. */
const SECURITIES: readonly Security[] = Object.freeze([
  "open",
  "wep",
  "wpa",
  "wpa2",
  "wpa-wpa2",
  "enterprise",
  "wpa3",
  "wpa2-wpa3",
  "unknown", // WAPI
  "owe",
  "enterprise", // WPA3 with 192 bits
  "unknown", // 11 and 12: not used any more
  "unknown",
  "unknown", // DPP
  "enterprise", // WPA3
  "enterprise", // WPA2 and WPA3
  "enterprise", // WPA
] as const);

/** One access point of a scan, as the driver's `nextFound` gives it; `undefined`: one that no station can join. */
export function parseFound(buffer: ArrayBuffer): AccessPointInfo | undefined {
  if (buffer.byteLength !== FOUND_LENGTH) throw new RangeError("not an access point");
  const bytes = new Uint8Array(buffer);
  const ssidLength = bytes[0]!;
  if (ssidLength > MOST_SSID_BYTES) return undefined;
  const ssidBytes = bytes.slice(SSID_OFFSET, SSID_OFFSET + ssidLength);
  const info: AccessPointInfo = {
    ssid: decode(ssidBytes),
    ssidBytes,
    bssid: formatBssid(bytes.subarray(BSSID_OFFSET, BSSID_OFFSET + 6)),
    channel: bytes[CHANNEL_OFFSET]!,
    rssi: (bytes[RSSI_OFFSET]! << 24) >> 24,
    security: SECURITIES[bytes[AUTHMODE_OFFSET]!] ?? "unknown",
  };
  return isSound(info) ? info : undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function formatBssid(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += `${text && ":"}${byte < 16 ? "0" : ""}${byte.toString(16)}`;
  return text;
}

/** @throws RangeError when `text` is not "aa:bb:cc:dd:ee:ff" */
export function parseBssid(text: string): Uint8Array {
  const bytes = Uint8Array.from(text.split(":"), (hex) => Number.parseInt(hex, 16));
  if (formatBssid(bytes) !== text || bytes.length !== 6) throw new RangeError("bssid");
  return bytes;
}
