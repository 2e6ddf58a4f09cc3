import type { SeededRandom } from "../virtual/virtual-time";
import type { OutageKind } from "./protocol";

const MINUTE_MS = 60_000;

/** How long each outage lasts at most, and how often it comes beside the others. */
const OUTAGES = [
  { kind: "router", longestMs: 45 * MINUTE_MS },
  { kind: "internet", longestMs: 90 * MINUTE_MS },
  { kind: "power", longestMs: 10 * MINUTE_MS },
  { kind: "broker", longestMs: 30 * MINUTE_MS },
] as const satisfies readonly { kind: OutageKind; longestMs: number }[];

/** Quiet between two outages: from half an hour to four hours. */
const SHORTEST_QUIET_MS = 30 * MINUTE_MS;
const LONGEST_QUIET_MS = 240 * MINUTE_MS;

/**
 * What a day does to a network: one outage after another, seeded. Ask `next` at every moment; it answers when
 * something begins or ends.
 */
export class Weather {
  #random: SeededRandom;
  #outage: OutageKind | undefined;
  #changeAt: number;
  #turn = 0;

  constructor(random: SeededRandom, nowMs: number) {
    this.#random = random;
    this.#changeAt = nowMs + this.#between(SHORTEST_QUIET_MS, LONGEST_QUIET_MS) / 2;
  }

  next(nowMs: number): { readonly kind: OutageKind; readonly on: boolean } | undefined {
    if (nowMs < this.#changeAt) return undefined;
    const ended = this.#outage;
    if (ended !== undefined) {
      this.#outage = undefined;
      this.#changeAt = nowMs + this.#between(SHORTEST_QUIET_MS, LONGEST_QUIET_MS);
      return { kind: ended, on: true };
    }
    // Each kind in its turn, so that a day has them all.
    const { kind, longestMs } = OUTAGES[this.#turn++ % OUTAGES.length]!;
    this.#outage = kind;
    this.#changeAt = nowMs + this.#between(longestMs / 5, longestMs);
    return { kind, on: false };
  }

  #between(least: number, most: number): number {
    return least + this.#random.next() * (most - least);
  }
}
