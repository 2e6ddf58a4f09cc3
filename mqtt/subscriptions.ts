import type { MessageKind, Subscription } from "./encode";
import { GUILTY_CLOSES, SUSPECT_CLOSES, type Suspect } from "./suspicion";

/** A topic filter and what this connection's broker says to it. */
export interface Filter extends Suspect {
  readonly subscription: Subscription;
  readonly kind: MessageKind;
  state: FilterState;
}

type FilterState =
  /** To be asked for. */
  | "waiting"
  /** SUBSCRIBE is out. */
  | "asked"
  | "granted"
  /** By SUBACK, or too large for the broker; asked again later, and on the next connection. */
  | "refused"
  /** The broker ended the connection over it, again and again; asked again later. */
  | "cut-off";

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** The subscriptions, asked for one by one at every connection: a broker that says it kept them may have lost them. */
export class Subscriptions {
  #filters: Filter[];
  #pauseMs = FIRST_PAUSE_MS;

  constructor(subscriptions: readonly Subscription[]) {
    this.#filters = subscriptions.map((subscription) => ({
      subscription,
      kind: "word",
      state: "waiting",
      closes: 0,
      alone: 0,
    }));
  }

  /** The next to ask for: those that are suspect last. */
  next(): Filter | undefined {
    let suspect: Filter | undefined;
    for (const filter of this.#filters) {
      if (filter.state !== "waiting") continue;
      if (filter.closes < SUSPECT_CLOSES) return filter;
      suspect ??= filter;
    }
    return suspect;
  }

  /** Whose SUBSCRIBE is out. */
  get asked(): Filter | undefined {
    for (const filter of this.#filters) if (filter.state === "asked") return filter;
    return undefined;
  }

  /** The most closes of the broker over one that is to be asked for. */
  get mostCloses(): number {
    let most = 0;
    for (const { closes, state } of this.#filters)
      if (state === "waiting" || state === "asked") most = Math.max(most, closes);
    return most;
  }

  granted(filter: Filter): void {
    filter.state = "granted";
    filter.closes = filter.alone = 0;
    if (this.#filters.every(({ state }) => state === "granted")) this.#pauseMs = FIRST_PAUSE_MS;
  }

  /** The broker ended the connection, with SUBSCRIBE alone in flight or not. Returns the filter if it is guilty. */
  struck(alone: boolean): Filter | undefined {
    const filter = this.asked;
    if (!filter) return undefined;
    filter.closes++;
    if (alone) filter.alone++;
    if (filter.alone < GUILTY_CLOSES) return undefined;
    filter.state = "cut-off";
    return filter;
  }

  forgive(): void {
    for (const filter of this.#filters) filter.closes = filter.alone = 0;
  }

  /** A new connection. */
  restart(): void {
    for (const filter of this.#filters) if (filter.state !== "cut-off") filter.state = "waiting";
  }

  /** How long what was not granted is left alone, ms: longer each time. */
  nextPauseMs(): number {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    return pauseMs;
  }

  /** What was not granted is asked for again; one more close over what was cut off is enough. */
  retry(): void {
    for (const filter of this.#filters) {
      if (filter.state === "cut-off") filter.alone = GUILTY_CLOSES - 1;
      if (filter.state === "cut-off" || filter.state === "refused") filter.state = "waiting";
    }
  }
}
