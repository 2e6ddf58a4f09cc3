import Time from "time";
import Timer from "timer";
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
  /** Packet id of the SUBSCRIBE that waits for its SUBACK; 0: none. */
  askedId = 0;
  #filters: Filter[];
  #pauseMs = FIRST_PAUSE_MS;
  #timer: Timer | undefined;
  #askedAt = 0;

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

  /** How long it has waited, ms. */
  get owedMs(): number {
    return this.askedId === 0 ? 0 : Time.delta(this.#askedAt);
  }

  /** Whose SUBSCRIBE is out, or was when the connection ended. */
  get asked(): Filter | undefined {
    for (const filter of this.#filters) if (filter.state === "asked") return filter;
    return undefined;
  }

  /** All that must not be missed is granted: the device can be spoken to. */
  get areGranted(): boolean {
    return this.#filters.every(({ state, subscription }) => state === "granted" || subscription.qos === 0);
  }

  ask(filter: Filter, id: number): void {
    filter.state = "asked";
    this.askedId = id;
    this.#askedAt = Time.ticks;
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
    this.askedId = 0;
    for (const filter of this.#filters) if (filter.state !== "cut-off") filter.state = "waiting";
  }

  /** What was not granted is asked for again after a pause, longer each time: `onDue`. */
  retryLater(onDue: () => void): void {
    if (this.#timer) return;
    this.#timer = Timer.set(() => {
      this.#timer = undefined;
      this.retry();
      onDue();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  /** One more close over what was cut off is enough. */
  private retry(): void {
    for (const filter of this.#filters) {
      if (filter.state === "cut-off") filter.alone = GUILTY_CLOSES - 1;
      if (filter.state === "cut-off" || filter.state === "refused") filter.state = "waiting";
    }
  }
}
