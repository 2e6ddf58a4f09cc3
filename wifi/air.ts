import { MOST_SSID_BYTES } from "./credential-rules";
import type { AccessPointInfo } from "./radio";

/**
 * What anybody can put on the air passes here before it is compared, saved or given back to a driver: natives throw at
 * what is out of range, and nobody catches a throw out of an event.
 */

/** Channel 14 is 802.11b in Japan alone, and ESP-IDF takes no hint beyond this one. */
const LAST_CHANNEL = 13;
/** Access points of a scan that are kept: about 200 bytes each, strongest first. */
export const MAX_FOUND = 40;

export function isChannel(channel: number): boolean {
  return Number.isInteger(channel) && channel >= 1 && channel <= LAST_CHANNEL;
}

/** Of one station: six hex octets with colons between them, in lower case; not a group's, and not zero. */
export function isBssid(text: string): boolean {
  if (text.length !== 17 || text === "00:00:00:00:00:00") return false;
  for (let i = 0; i < 17; i++) {
    const code = text.charCodeAt(i);
    const hex = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
    if (i % 3 === 2 ? code !== 0x3a : !hex) return false;
  }
  // The lowest bit of the first octet: a group (IEEE 802, 8.2).
  return (Number.parseInt(text.charAt(1), 16) & 1) === 0;
}

/** Whether an access point that a scan found can be one of ours. */
export function isSound({ bssid, channel, ssidBytes }: AccessPointInfo): boolean {
  return isChannel(channel) && isBssid(bssid) && ssidBytes.length <= MOST_SSID_BYTES;
}
