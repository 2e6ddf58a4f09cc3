import Time from "time";

/** Readings `first`…`last` that the broker did not take as they came. */
export interface Aside {
  readonly first: number;
  readonly last: number;
  /** They rest for so long from `since` on, in ticks. */
  readonly pauseMs: number;
  readonly since: number;
  /** Broker's closes over them alone, as they are. */
  readonly strikes: number;
}

/** So many ranges at once; each costs RAM. */
const MOST = 8;
/** A refusal seldom passes at once. */
export const REST_MS = 60_000;
const LONGEST_REST_MS = 600_000;

/** The next rest after one of `pauseMs`: twice as long, ten minutes at most. */
export function nextRestMs(pauseMs: number): number {
  return Math.min(Math.max(REST_MS, 2 * pauseMs), LONGEST_REST_MS);
}

/** Readings that wait, unmarked, while others pass them. Only their numbers are in RAM, and bounded. */
export class SetAside {
  #ranges: Aside[] = [];

  /** For the halves of one more batch. */
  get hasRoom(): boolean {
    return this.#ranges.length + 2 <= MOST;
  }

  add(first: number, last: number, pauseMs: number, strikes: number): void {
    this.#ranges.push({ first, last, pauseMs, strikes, since: Time.ticks });
  }

  remove(range: Aside): void {
    this.#ranges.splice(this.#ranges.indexOf(range), 1);
  }

  /** The range that `seq` is in. */
  around(seq: number): Aside | undefined {
    for (const range of this.#ranges) if (range.first <= seq && seq <= range.last) return range;
    return undefined;
  }

  /** Where the first range above `seq` begins, if that is below `end`; otherwise `end`. */
  endBefore(seq: number, end: number): number {
    let least = end;
    for (const { first } of this.#ranges) if (first > seq && first < least) least = first;
    return least;
  }

  /** How long until one is to be tried again, ms, 0: now; `undefined`: there is none. */
  waitMs(): number | undefined {
    let least: number | undefined;
    for (const { pauseMs, since } of this.#ranges) {
      const left = Math.max(0, pauseMs - Time.delta(since));
      if (least === undefined || left < least) least = left;
    }
    return least;
  }

  /** One whose rest is over. */
  due(): Aside | undefined {
    for (const range of this.#ranges) if (Time.delta(range.since) >= range.pauseMs) return range;
    return undefined;
  }
}
