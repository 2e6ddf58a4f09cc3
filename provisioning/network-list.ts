import type { AccessPointInfo, Security } from "../wifi/radio";
import { hexOf } from "./form";

/** Why a network of the list cannot be chosen. */
export type Unsupported = "enterprise" | "owe" | "unknown-security" | "ssid-not-text";

/** One line of the page's list. */
export interface ListedNetwork {
  /** `undefined`: its bytes are not UTF-8. */
  readonly ssid: string | undefined;
  /** The bytes of its name in hex: what the form sends. */
  readonly hex: string;
  /** dBm, of its strongest access point. */
  readonly rssi: number;
  readonly security: Security;
  readonly unsupported: Unsupported | undefined;
}

/** Lines that fit the page's 16 KB, and a person's patience. */
export const MOST_LISTED = 16;

const UNSUPPORTED = Object.freeze(
  {
    open: undefined,
    wep: undefined,
    wpa: undefined,
    wpa2: undefined,
    "wpa-wpa2": undefined,
    wpa3: undefined,
    "wpa2-wpa3": undefined,
    enterprise: "enterprise",
    owe: "owe",
    unknown: "unknown-security",
  } as const satisfies Record<Security, Unsupported | undefined>,
  true,
);

/**
 * What a scan found, as a person chooses from it: one line a name, with its strongest access point; strongest first,
 * what cannot be joined last; hidden networks left out.
 */
export function listNetworks(found: readonly AccessPointInfo[]): ListedNetwork[] {
  const byName = new Map<string, ListedNetwork>();
  for (const { ssid, ssidBytes, rssi, security } of found) {
    if (ssid === "" || ssidBytes.length === 0) continue;
    const hex = hexOf(ssidBytes);
    // A NUL cannot pass the radio's C strings.
    const text = ssid?.includes("\0") ? undefined : ssid;
    const unsupported = text === undefined ? "ssid-not-text" : UNSUPPORTED[security];
    const other = byName.get(hex);
    if (!other || isBetter({ rssi, unsupported }, other))
      byName.set(hex, { ssid: text, hex, rssi, security, unsupported });
  }
  return [...byName.values()].sort((a, b) => (isBetter(a, b) ? -1 : 1)).slice(0, MOST_LISTED);
}

type Rank = Pick<ListedNetwork, "rssi" | "unsupported">;

const isBetter = (a: Rank, b: Rank): boolean =>
  (a.unsupported === undefined) === (b.unsupported === undefined)
    ? a.rssi > b.rssi
    : a.unsupported === undefined;

/** Networks that a person must accept a warning for: anyone near can read along, or break in. */
export function isWeak(security: Security): boolean {
  return security === "open" || security === "wep" || security === "wpa";
}

/**
 * The last channel that is everybody's. ESP-IDF refuses an access point beyond it while no router has told the country
 * (ESP_ERR_INVALID_ARG, "out of range from 1 to 11 in country code cc=01": esp-idf #11510).
 */
const LAST_CHANNEL = 11;

/** The channel of the strongest network, or next to it: where the access point is least likely to have to move from. */
export function strongestChannel(found: readonly AccessPointInfo[]): number | undefined {
  let best: AccessPointInfo | undefined;
  for (const each of found) if (!best || each.rssi > best.rssi) best = each;
  return best && Math.min(best.channel, LAST_CHANNEL);
}

/** Bars of four, by the usual thresholds of phones (dBm). */
export function barsOf(rssi: number): 1 | 2 | 3 | 4 {
  if (rssi >= -55) return 4;
  if (rssi >= -67) return 3;
  return rssi >= -78 ? 2 : 1;
}
