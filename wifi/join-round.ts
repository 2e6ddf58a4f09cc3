import type { AccessPointMemory } from "./access-point-memory";
import { type Candidate, planRound, type Seen, see } from "./candidates";
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

export interface RoundOptions {
  readonly networks: readonly Network[];
  /** Networks that are not to be tried in this round, with the failure that they stand for. */
  readonly marked?: readonly JoinFailure[];
  readonly memory: Pick<AccessPointMemory, "heldSince">;
  readonly nowMs: number;
  /** The round's number: over successive ones each access point has its turn. */
  readonly turn: number;
  /** To be tried before anything is scanned. */
  readonly first?: Candidate | undefined;
  /** The access point that last led to the cloud has its turn in every round: nobody can crowd it out. */
  readonly lastGood?: LastGood | undefined;
}

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
/** From here on a failure is an answer of the access point: no second try in the round. */
const CERTAIN = 2;

interface Tracker {
  readonly network: Network;
  /** Left out of this round. */
  settled: boolean;
  /** One of its name was found that can be joined. */
  found: boolean;
  /** The security of one of its name that cannot. */
  unfit: Security | undefined;
  failure: JoinFailure | undefined;
}

/**
 * One pass over the saved networks: what to scan, what to try next, and how each network fared. Holds no timer and
 * no radio.
 *
 * Order: what is to be tried without a scan; then a scan, with a probe for each network that may be hidden; then its
 * plan (candidates.ts); at the end the access point that last led to the cloud, if it has not had its turn.
 */
export class JoinRound {
  #options: RoundOptions;
  #trackers: Tracker[];
  #first: Candidate | undefined;
  #last: Candidate | undefined;
  #seen: Seen[] = [];
  /** Access points that have had their turn. */
  #tried: Candidate[] = [];
  #plan: Candidate[] | undefined;
  #probes: ScanRequest[] = [{}];

  constructor(options: RoundOptions) {
    const { networks, marked = [], first, lastGood } = options;
    this.#options = options;
    this.#trackers = networks.map((network) => {
      const failure = marked.find((mark) => mark.ssid === network.ssid);
      return { network, settled: failure !== undefined, found: false, unfit: undefined, failure };
    });
    const network = lastGood && networks.find((each) => each.ssid === lastGood.ssid);
    if (network) this.#last = { network, bssid: lastGood.bssid, channel: lastGood.channel };
    this.#first = first;
  }

  /** Skips what was to be tried before the scan. */
  skipFast(): void {
    this.#first = undefined;
  }

  /** What the next scan is to look for. `undefined`: no further scan is needed. */
  get nextScan(): ScanRequest | undefined {
    return this.#trackers.every((each) => each.settled) ? undefined : this.#probes[0];
  }

  /** Result of the scan that `nextScan` asked for; `crowded`: what is missing in it may be there all the same. */
  scanned(found: readonly AccessPointInfo[], crowded = false): void {
    const request = this.#probes.shift();
    const { memory, nowMs } = this.#options;
    for (const [order, tracker] of this.#trackers.entries()) {
      for (const each of found) {
        if (each.ssid !== tracker.network.ssid) continue;
        const seen = see(tracker.network, order, each, memory, nowMs);
        if (seen) this.#seen.push(seen);
        else tracker.unfit = each.security;
        tracker.found ||= seen !== undefined;
      }
    }
    if (request?.ssid !== undefined) return;
    const mayHide = crowded || found.some((each) => each.ssid === "");
    for (const { network, settled, found } of this.#trackers)
      if (!settled && !found && (network.hidden || mayHide)) this.#probes.push({ ssid: network.ssid });
  }

  /** The next attempt. `undefined`: a scan is needed first, or the round is over. */
  next(): Candidate | undefined {
    const first = this.#first;
    this.#first = undefined;
    if (first && this.isOpen(first)) return this.chosen(first);
    if (this.nextScan) return undefined;
    this.#plan ??= this.plan();
    for (;;) {
      const candidate = this.#plan.shift();
      if (!candidate || (this.isOpen(candidate) && !this.#tried.some((each) => isSame(each, candidate)))) {
        if (candidate) this.#tried.push(candidate);
        return candidate && this.chosen(candidate);
      }
    }
  }

  /** An attempt, or a network that had been joined, failed. */
  failed(candidate: Candidate, failure: JoinFailure): void {
    const tracker = this.#trackers.find((each) => each.network === candidate.network);
    if (!tracker) return;
    if (!tracker.failure || WEIGHT[failure.reason] >= WEIGHT[tracker.failure.reason])
      tracker.failure = failure;
    if (failure.reason === "captive-portal") tracker.settled = true;
    if (WEIGHT[failure.reason] >= CERTAIN) this.#tried.push(candidate);
  }

  /**
   * How each network fared, in the person's order. `missing` makes the failure of one that was not tried: never in
   * reach, or of that security alone.
   */
  outcome(missing: (network: Network, unfit: Security | undefined) => JoinFailure): JoinFailure[] {
    return this.#trackers.map(({ network, failure, found, unfit }) => {
      const tells = failure && (failure.reason !== "not-found" || found || unfit === undefined);
      return tells ? failure : missing(network, unfit);
    });
  }

  private plan(): Candidate[] {
    const plan = planRound(this.#seen, this.#options.turn);
    if (this.#last) plan.push(this.#last);
    return plan;
  }

  private isOpen({ network }: Candidate): boolean {
    return !this.#trackers.find((each) => each.network === network)?.settled;
  }

  /** Where the round goes now: who has had its turn at the beginning needs none at the end. */
  private chosen(candidate: Candidate): Candidate {
    if (this.#last && isSame(candidate, this.#last)) this.#last = undefined;
    return candidate;
  }
}

/** Anybody can put up an access point with another's address; on another channel it is another. */
const isSame = (a: Candidate, b: Candidate): boolean => a.bssid === b.bssid && a.channel === b.channel;
