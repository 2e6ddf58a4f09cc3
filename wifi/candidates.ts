import type { AccessPointMemory } from "./access-point-memory";
import type { Network } from "./network";
import type { AccessPointInfo, Security } from "./radio";
import { fits, protection, SOUND } from "./security";

/** One attempt to be made: a network, and the access point of it to use. */
export interface Candidate {
  readonly network: Network;
  readonly bssid?: string;
  readonly channel?: number;
  /** From a scan; absent in the fast rejoin. */
  readonly rssi?: number;
  readonly security?: Security;
}

/** One that a scan found. */
export interface Seen extends Candidate {
  readonly bssid: string;
  readonly channel: number;
  readonly rssi: number;
  readonly security: Security;
  /** Who goes first: the higher. */
  readonly rank: number;
  /** Something is held against it. */
  readonly isHeld: boolean;
}

/** Strong enough (dBm; three bars of four): beyond it the person's order counts. */
const GOOD_RSSI = -67;

/**
 * What each line of {@link see}'s order weighs: more than all that can come below it together.
 *
 * | what | why |
 * |---|---|
 * | sound security before none | whoever jams the good one must gain nothing |
 * | nothing held against it, else what is longest past | the one that fails every time must not bar the rest |
 * | strength, up to good enough | below, each dB is errors and losses |
 * | the person's order | they know which network they mean |
 * | strength | between two nodes of one network |
 */
const SECURITY_WEIGHT = 1e14;
const HELD_SECOND_WEIGHT = 1e5;
const DECIBEL_WEIGHT = 1e3;
const ORDER_WEIGHT = 200;

/** `info` as a candidate of `network`, the person's `order`th; `undefined`: it cannot be one. */
export function see(
  network: Network,
  order: number,
  { bssid, channel, rssi, security }: AccessPointInfo,
  memory: Pick<AccessPointMemory, "heldSince">,
  nowMs: number,
): Seen | undefined {
  if (!fits(network, security)) return undefined;
  const heldSince = memory.heldSince(bssid, nowMs);
  let rank = Math.min(rssi, GOOD_RSSI) * DECIBEL_WEIGHT - order * ORDER_WEIGHT + rssi;
  if (heldSince !== undefined) rank -= (heldSince / 1_000 + 2) * HELD_SECOND_WEIGHT;
  if (protection(network, security) >= SOUND) rank += SECURITY_WEIGHT;
  return { network, bssid, channel, rssi, security, rank, isHeld: heldSince !== undefined };
}

/**
 * The attempts of a round, in order: the best of each network, then of each one more by turns, so that over successive
 * rounds every access point is tried, whatever its neighbours do and however many there are. `turn`: the round's number.
 */
export function planRound(seen: readonly Seen[], turn: number): Candidate[] {
  // By address, which stays: an order by strength would change under the turns.
  const byAddress = seen.slice().sort((a, b) => (a.bssid < b.bssid ? -1 : 1));
  const best: Seen[] = [];
  for (const each of seen.slice().sort((a, b) => b.rank - a.rank))
    if (!best.some((other) => other.network === each.network)) best.push(each);
  const plan: Candidate[] = best.slice();
  for (const one of best) {
    const own = byAddress.filter((each) => each.network === one.network);
    const next = own[turn % own.length]!;
    plan.push(next === one ? own[(turn + 1) % own.length]! : next);
  }
  return plan;
}

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
