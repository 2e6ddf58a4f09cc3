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
/** Each time again doubles it, up to eight times the first. */
const MOST_TIMES = 8;
/** Access points that are remembered: 40 forged ones push out no more than this, and each has its turn anyway. */
const MOST_REMEMBERED = 8;

interface Entry {
  readonly bssid: string;
  readonly what: Misdeed;
  readonly atMs: number;
  readonly heldMs: number;
}

/** What access points did lately: a few of them, each with the last it did, forgotten in time. Holds no timer. */
export class AccessPointMemory {
  #entries: Entry[] = [];

  note(bssid: string, what: Misdeed, nowMs: number): void {
    let heldMs = HELD_MS[what];
    if (heldMs === 0) return;
    const before = this.take(bssid);
    // Long enough good, it begins anew.
    if (before?.what === what && nowMs - before.atMs < 2 * before.heldMs)
      heldMs = Math.min(2 * before.heldMs, MOST_TIMES * heldMs);
    this.#entries.push({ bssid, what, atMs: nowMs, heldMs });
    if (this.#entries.length > MOST_REMEMBERED) this.#entries.shift();
  }

  /** When it last did what is still held against it; `undefined`: nothing is. */
  heldSince(bssid: string, nowMs: number): number | undefined {
    for (const each of this.#entries)
      if (each.bssid === bssid && nowMs - each.atMs < each.heldMs) return each.atMs;
    return undefined;
  }

  /** It led to the cloud: what it failed in before is over. How it serves is not. */
  forgive(bssid: string): void {
    const before = this.take(bssid);
    if (before && (before.what === "flapped" || before.what === "weak")) this.#entries.push(before);
  }

  private take(bssid: string): Entry | undefined {
    for (let i = 0; i < this.#entries.length; i++)
      if (this.#entries[i]!.bssid === bssid) return this.#entries.splice(i, 1)[0];
    return undefined;
  }
}
