import type { JoinFailureReason } from "./join-failure";
import type { LastGood, Network } from "./network";
import type { AccessPointInfo, Security } from "./radio";
import type { ScanRequest } from "./scanner";

/** One network that was not joined, for the log, for diagnostics and for the portal. */
export interface JoinFailure {
  readonly ssid: string;
  readonly reason: JoinFailureReason;
  /** ESP-IDF's reason number, when the radio gave one. */
  readonly number?: number;
  /** ESP-IDF's name for it, or the bare number. */
  readonly name?: string;
  /** dBm, from the radio's event or from the scan. */
  readonly rssi?: number;
  /** When, in ms since boot. */
  readonly uptimeMs: number;
}

/** One attempt to be made: a network, and the access point of it to use. */
export interface Candidate {
  readonly network: Network;
  readonly bssid?: string;
  readonly channel?: number;
  /** From this round's scan; absent in the fast rejoin. */
  readonly rssi?: number;
  readonly security?: Security;
}

/** Attempts at a network after the scan: its strongest access point, then one other. */
const MOST_ATTEMPTS = 2;

/** Strong enough (dBm; three bars of four): beyond it the person's order counts. */
const GOOD_RSSI = -67;
const worth = ({ rssi }: AccessPointInfo): number => Math.min(rssi, GOOD_RSSI);

/** Failures that another access point of the same network, or another try, may not have. */
const MAY_DIFFER = Object.freeze(
  {
    "not-found": true,
    rejected: true,
    timeout: true,
    unknown: true,
    "wrong-password": false,
    "unsupported-security": false,
    "no-address": false,
    "captive-portal": false,
  } as const satisfies Record<JoinFailureReason, boolean>,
  true,
);

/** Which of two failures of one network tells more: the later one, unless it is less certain. */
const WEIGHT = Object.freeze(
  {
    "not-found": 0,
    unknown: 1,
    timeout: 1,
    rejected: 2,
    "wrong-password": 2,
    "unsupported-security": 2,
    "no-address": 2,
    "captive-portal": 2,
  } as const satisfies Record<JoinFailureReason, number>,
  true,
);

interface Tracker {
  readonly network: Network;
  /** Its access points that the scans found. */
  found: AccessPointInfo[];
  /** BSSIDs that are not to be tried again in this round. */
  tried: string[];
  attempts: number;
  /** No further attempt in this round. */
  settled: boolean;
  failure: JoinFailure | undefined;
}

/**
 * One pass over the saved networks: what to scan, what to try next, and how each network fared. Holds no timer and
 * no radio.
 *
 * Order: the last good access point without a scan; then a scan, with a probe for each network that may be hidden;
 * then each network found, by the strength of its strongest access point; between those that are strong enough, in
 * the order saved. One that failed for a cause that may lie with the access point gets one attempt at its next
 * strongest, after the others.
 */
export class JoinRound {
  /** The radio was asked for something in this round. */
  asked = false;
  /** It answered at least once, however it answered. */
  answered = false;
  #trackers: Tracker[];
  #fast: Candidate | undefined;
  #probes: ScanRequest[] = [{}];

  /** `marked`: networks that are not to be tried in this round, with the failure that they stand for. */
  constructor(
    networks: readonly Network[],
    lastGood: LastGood | undefined,
    marked: readonly JoinFailure[] = [],
  ) {
    this.#trackers = networks.map((network) => {
      const failure = marked.find((mark) => mark.ssid === network.ssid);
      return { network, found: [], tried: [], attempts: 0, settled: failure !== undefined, failure };
    });
    const known =
      lastGood && this.#trackers.find((each) => !each.settled && each.network.ssid === lastGood.ssid);
    if (known) this.#fast = { network: known.network, bssid: lastGood.bssid, channel: lastGood.channel };
  }

  /** Skips the fast rejoin: the scan comes first. */
  skipFast(): void {
    this.#fast = undefined;
  }

  /** What the next scan is to look for. `undefined`: no further scan is needed. */
  get nextScan(): ScanRequest | undefined {
    return this.#trackers.every((each) => each.settled) ? undefined : this.#probes[0];
  }

  /** Result of the scan that `nextScan` asked for. */
  scanned(found: readonly AccessPointInfo[]): void {
    const request = this.#probes.shift();
    for (const tracker of this.#trackers) {
      const own = found.filter((each) => each.ssid === tracker.network.ssid);
      const { password } = tracker.network;
      // An open twin is not what a password was saved for, nor the reverse: only where nothing else is there.
      const fits = ({ security }: AccessPointInfo): number =>
        (security === "open") === (password === undefined) ? 1 : 0;
      tracker.found = [...tracker.found, ...own].sort((a, b) => fits(b) - fits(a) || b.rssi - a.rssi);
    }
    if (request?.ssid !== undefined) return;
    const someHidden = found.some((each) => each.ssid === "");
    for (const { network, settled, found: own } of this.#trackers) {
      if (!settled && own.length === 0 && (network.hidden || someHidden))
        this.#probes.push({ ssid: network.ssid });
    }
  }

  /** The next attempt. `undefined`: a scan is needed first, or the round is over. */
  next(): Candidate | undefined {
    const fast = this.#fast;
    this.#fast = undefined;
    if (fast) return fast;
    if (this.nextScan) return undefined;
    let best: { tracker: Tracker; target: AccessPointInfo } | undefined;
    for (const tracker of this.#trackers) {
      if (tracker.settled || tracker.attempts >= MOST_ATTEMPTS) continue;
      const target = tracker.found.find((each) => !tracker.tried.includes(each.bssid));
      if (!target) continue;
      const fewer = best && tracker.attempts < best.tracker.attempts;
      const stronger =
        best && tracker.attempts === best.tracker.attempts && worth(target) > worth(best.target);
      if (!best || fewer || stronger) best = { tracker, target };
    }
    if (!best) return undefined;
    const { tracker, target } = best;
    tracker.attempts++;
    tracker.tried.push(target.bssid);
    const { bssid, channel, rssi, security } = target;
    return { network: tracker.network, bssid, channel, rssi, security };
  }

  /** An attempt, or a network that had been joined, failed. */
  failed(candidate: Candidate, failure: JoinFailure): void {
    const tracker = this.#trackers.find((each) => each.network === candidate.network);
    if (!tracker) return;
    if (!tracker.failure || WEIGHT[failure.reason] >= WEIGHT[tracker.failure.reason])
      tracker.failure = failure;
    if (!MAY_DIFFER[failure.reason]) tracker.settled = true;
    if (failure.reason === "rejected" && candidate.bssid !== undefined) tracker.tried.push(candidate.bssid);
  }

  /** How each network fared, in the person's order. `absent` makes the failure of one that was never in reach. */
  outcome(absent: (ssid: string) => JoinFailure): JoinFailure[] {
    return this.#trackers.map((each) => each.failure ?? absent(each.network.ssid));
  }
}
