import type { AccessPointInfo, Security } from "../wifi/radio";
import { hexOf } from "./form";

/** Why a network of the list cannot be chosen. */
export type Unsupported = "enterprise" | "owe" | "unknown-security" | "ssid-not-text";

/**
 * What it takes to join: "wpa2" is whatever a password protects well. For the others a person must accept a warning:
 * anyone near can read along, or break in.
 */
export type Kind = "open" | "wep" | "wpa" | "wpa2";

/** One line of the page's list. */
export interface ListedNetwork {
  /** `undefined`: its bytes are not UTF-8. */
  readonly ssid: string | undefined;
  /** The bytes of its name in hex. */
  readonly hex: string;
  /** What the form sends: name and way. */
  readonly value: string;
  /** dBm, of its strongest access point. */
  readonly rssi: number;
  /** How it is joined, or why it cannot be. */
  readonly way: Kind | Unsupported;
}

/** Lines that fit the page's 16 KB, and a person's patience. */
export const MOST_LISTED = 16;

const WAYS = Object.freeze(
  {
    open: "open",
    wep: "wep",
    wpa: "wpa",
    wpa2: "wpa2",
    "wpa-wpa2": "wpa2",
    wpa3: "wpa2",
    "wpa2-wpa3": "wpa2",
    enterprise: "enterprise",
    owe: "owe",
    unknown: "unknown-security",
  } as const satisfies Record<Security, Kind | Unsupported>,
  true,
);

const KINDS: readonly string[] = Object.freeze(["open", "wep", "wpa", "wpa2"] as const satisfies Kind[]);
export const isKind = (way: string): way is Kind => KINDS.includes(way);

/**
 * What a scan found, as a person chooses from it: one line a name and kind of security, with its strongest access
 * point, so that an open twin is a line of its own; strongest first, what cannot be joined last; hidden networks left
 * out. `more` were left out of the list.
 */
export function listNetworks(found: readonly AccessPointInfo[]): { listed: ListedNetwork[]; more: number } {
  const lines = new Map<string, ListedNetwork>();
  for (const { ssid, ssidBytes, rssi, security } of found) {
    if (ssid === "" || ssidBytes.length === 0) continue;
    const hex = hexOf(ssidBytes);
    // A NUL cannot pass the radio's C strings.
    const text = ssid?.includes("\0") ? undefined : ssid;
    const way = text === undefined ? "ssid-not-text" : WAYS[security];
    const value = `${hex}.${way}`;
    const other = lines.get(value);
    if (!other || rssi > other.rssi) lines.set(value, { ssid: text, hex, value, rssi, way });
  }
  const listed = [...lines.values()].sort((a, b) => (isBetter(a, b) ? -1 : 1)).slice(0, MOST_LISTED);
  return { listed, more: lines.size - listed.length };
}

/** The line that a name means: the protected one, and with a password never the open twin. */
export function lineOf(
  networks: readonly ListedNetwork[],
  ssid: string | undefined,
  withPassword: boolean,
): ListedNetwork | undefined {
  const own = networks.filter((each) => each.ssid === ssid && isKind(each.way));
  return own.find(({ way }) => way !== "open") ?? (withPassword ? undefined : own[0]);
}

function isBetter(a: ListedNetwork, b: ListedNetwork): boolean {
  const joinable = isKind(a.way);
  return joinable === isKind(b.way) ? a.rssi > b.rssi : joinable;
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
