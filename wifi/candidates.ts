import type { AccessPointMemory } from "./access-point-memory";
import type { Network } from "./network";
import type { AccessPointInfo, Security } from "./radio";
import { protection } from "./security";

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
export type Seen = Candidate & Pick<AccessPointInfo, "bssid" | "channel" | "rssi" | "security">;

/** What an order of candidates is made from. */
export interface Standing {
  /** In the person's order. */
  readonly networks: readonly Network[];
  readonly memory: Pick<AccessPointMemory, "heldSince">;
  readonly nowMs: number;
}

/** Strong enough (dBm; three bars of four): beyond it the person's order counts. */
export const GOOD_RSSI = -67;
/** WEP and WPA are broken: between them and an open network there is little to choose, above there is. */
const SOUND_PROTECTION = 3;

/**
 * Which of two candidates goes first; negative: `a`. The first line that tells them apart decides:
 *
 * | what | why |
 * |---|---|
 * | sound security before none | whoever jams the good one must gain nothing |
 * | nothing held against it, else what is longest past | the one that fails every time must not bar the rest |
 * | strength, up to good enough | below, each dB is errors and losses |
 * | the person's order | they know which network they mean |
 * | strength | between two nodes of one network |
 */
export function compare(a: Seen, b: Seen, { networks, memory, nowMs }: Standing): number {
  const sound = isSound(b) - isSound(a);
  if (sound !== 0) return sound;
  const held = (memory.heldSince(a.bssid, nowMs) ?? -1) - (memory.heldSince(b.bssid, nowMs) ?? -1);
  if (held !== 0) return held;
  const worth = Math.min(b.rssi, GOOD_RSSI) - Math.min(a.rssi, GOOD_RSSI);
  if (worth !== 0) return worth;
  return networks.indexOf(a.network) - networks.indexOf(b.network) || b.rssi - a.rssi;
}

const isSound = ({ network, security }: Candidate): number =>
  protection(network, security) >= SOUND_PROTECTION ? 1 : 0;

/**
 * The attempts of a round, in order: the best of each network, then of each one more by turns, so that over successive
 * rounds every access point is tried, whatever its neighbours do and however many there are. `turn`: the round's number.
 */
export function planRound(seen: readonly Seen[], standing: Standing, turn: number): Seen[] {
  const sorted = seen.slice().sort((a, b) => compare(a, b, standing));
  const plan: Seen[] = [];
  for (const each of sorted) if (!plan.some((other) => other.network === each.network)) plan.push(each);
  for (const best of plan.slice()) {
    // By address, which stays: an order by strength would change under the turns.
    const own = sorted.filter((each) => each.network === best.network).sort(byAddress);
    const next = own[turn % own.length]!;
    const extra = next === best ? own[(turn + 1) % own.length]! : next;
    if (extra !== best) plan.push(extra);
  }
  return plan;
}

const byAddress = (a: Seen, b: Seen): number => (a.bssid < b.bssid ? -1 : 1);
