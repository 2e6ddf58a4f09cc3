import type { JoinFailureReason } from "./join-failure";

/** What is held against an access point: how it failed, or how it served. */
export type Misdeed =
  | JoinFailureReason
  /** It let us in and dropped us again within a minute. */
  | "flapped"
  /** It was lost, or kept, with a signal that is hardly one. */
  | "weak"
  /** It gives an address, and nothing lies behind it. */
  | "no-internet";

const MINUTE_MS = 60_000;

/** For how long, the first time. Zero: the next scan tells better. */
const HELD_MS = Object.freeze(
  {
    "not-found": 0, // out of reach, or switched off: it is not there to be chosen
    "captive-portal": 0, // its whole network is left out (failure-log.ts)
    unknown: 2 * MINUTE_MS, // may be nothing but a restart
    timeout: 5 * MINUTE_MS, // the air between us changes
    rejected: 10 * MINUTE_MS, // full, or a filter: somebody has to do something
    "wrong-password": 10 * MINUTE_MS, // another's network of the same name, or somebody has to do something
    "unsupported-security": 10 * MINUTE_MS, // as above
    "no-address": 10 * MINUTE_MS, // a node that has lost the rest of its mesh
    flapped: 10 * MINUTE_MS, // a bad place, or too many devices
    weak: 10 * MINUTE_MS, // doors and people move
    "no-internet": 10 * MINUTE_MS, // a line takes a while, and each look costs the readings a pause
  } as const satisfies Record<Misdeed, number>,
  true,
);
/** Each time again doubles it, up to eight times. */
const MOST_DOUBLINGS = 3;
/** Access points that are remembered: 40 forged ones push out no more than this, and each has its turn anyway. */
const MOST_REMEMBERED = 8;

interface Entry {
  readonly bssid: string;
  readonly what: Misdeed;
  readonly atMs: number;
  readonly doublings: number;
}

/** What access points did lately: a few of them, each with the last it did, forgotten in time. Holds no timer. */
export class AccessPointMemory {
  #entries: readonly Entry[] = [];

  note(bssid: string, what: Misdeed, nowMs: number): void {
    if (HELD_MS[what] === 0) return;
    const before = this.#entries.find((each) => each.bssid === bssid);
    const again = before?.what === what && nowMs - before.atMs < 2 * heldMs(before);
    const doublings = again ? Math.min(before.doublings + 1, MOST_DOUBLINGS) : 0;
    const others = this.#entries.filter(
      (each) => each.bssid !== bssid && nowMs - each.atMs < 2 * heldMs(each),
    );
    this.#entries = [...others.slice(1 - MOST_REMEMBERED), { bssid, what, atMs: nowMs, doublings }];
  }

  /** When it last did what is still held against it; `undefined`: nothing is. */
  heldSince(bssid: string, nowMs: number): number | undefined {
    const entry = this.#entries.find((each) => each.bssid === bssid);
    return entry && nowMs - entry.atMs < heldMs(entry) ? entry.atMs : undefined;
  }

  /** It led to the cloud: what it failed in before is over. How it serves is not. */
  forgive(bssid: string): void {
    this.#entries = this.#entries.filter(
      (each) => each.bssid !== bssid || each.what === "flapped" || each.what === "weak",
    );
  }
}

const heldMs = ({ what, doublings }: Entry): number => HELD_MS[what] * 2 ** doublings;
