import { type Candidate, GOOD_RSSI, type Seen } from "./candidates";
import type { Network } from "./network";
import { protection } from "./security";

/** Below this, dBm, something better may be near: above, nothing pays. */
export const CONTENT_RSSI = -55;
/** Below this a signal is hardly one: retries, losses. Such an access point has no head start. */
export const WEAK_RSSI = -78;
/** A move costs the readings some seconds: it must pay, and a signal swings by itself. */
const GAIN_DB = 10;

/** Where the device is, and what it knows of it. */
export interface Place {
  readonly here: Candidate;
  readonly rssi: number | undefined;
  /** It leads nowhere. */
  readonly noInternet: boolean;
}

/**
 * Where a device that is on a network had better be; `undefined`: where it is. Nothing that has something held against
 * it, and nothing that is less protected. From a place that leads nowhere, the best there is; else a much stronger
 * access point of the same network, or a network that the person put before this one, back in good reach.
 */
export function betterPlace(
  seen: readonly Seen[],
  { here, rssi, noInternet }: Place,
  networks: readonly Network[],
): Seen | undefined {
  const floor = protection(here.network, here.security);
  const order = networks.indexOf(here.network);
  let best: Seen | undefined;
  for (const each of seen) {
    if (each.bssid === here.bssid || each.isHeld || protection(each.network, each.security) < floor) continue;
    const pays =
      noInternet ||
      (each.network === here.network
        ? rssi !== undefined && each.rssi >= rssi + GAIN_DB
        : networks.indexOf(each.network) < order && each.rssi >= GOOD_RSSI);
    if (pays && !(best && best.rank >= each.rank)) best = each;
  }
  return best;
}
