import Time from "time";
import Timer from "timer";

/** A retained message of which only the latest state matters. */
interface Due {
  /** As {@link OutboxLink.publish} takes it. */
  readonly topic: string;
  /** Called when it is sent, so that it is true then. */
  format(): string;
}

/** What a broker may make of a message: only the first is as it should be. */
export type Outcome = "acknowledged" | "refused" | "too-large" | "cut-off";

/** At QoS 1, retained. False: not now, {@link Outbox.drain} tells when. */
export interface OutboxLink {
  /** Nothing here is urgent: what the broker does not take holds the others back too. */
  readonly canWait: boolean;
  /** The broker has what was true of `topic` when it was sent. */
  acknowledged?(topic: string): void;
  /** `topic`: a name that the link makes a topic of when it is sent. `strikes`: of a message that the broker did not take, its closes over it alone. */
  publish(
    topic: string,
    payload: string,
    onSettled: (outcome: Outcome) => void,
    strikes: number | undefined,
  ): boolean;
}

/** A topic that the broker has taken nothing on lately. */
interface Unwelcome {
  readonly topic: string;
  readonly strikes: number;
}

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Closes after which one more is enough. */
const STRIKES = 2;

/**
 * Retained messages that wait for room in the session's window, of which they take one place. Each topic waits once,
 * whatever happens meanwhile; memory is bounded by the number of topics. What the broker does not take is dropped, and
 * what is true then is sent after a pause of up to an hour.
 */
export class Outbox {
  #link: OutboxLink;
  #due: Due[] = [];
  #sending: Due | undefined;
  #unwelcome: Unwelcome[] = [];
  /** Nothing unwelcome is sent for so long from `#pausedAt` on, in ticks. */
  #pauseMs = 0;
  #pausedAt = 0;
  #timer: Timer | undefined;
  #onSettled = (outcome: Outcome): void => this.settled(outcome);

  constructor(link: OutboxLink) {
    this.#link = link;
  }

  put(topic: string, format: () => string): void {
    const waiting = this.find(topic);
    if (waiting >= 0) this.#due[waiting] = { topic, format };
    else this.#due.push({ topic, format });
    this.drain();
  }

  drain(): void {
    if (this.#sending) return;
    const leftMs = this.#pauseMs - Time.delta(this.#pausedAt);
    const isPausing = this.#pauseMs > 0 && leftMs > 0;
    let due = this.#due.find(({ topic }) => !this.unwelcome(topic));
    if (isPausing && this.#link.canWait) due = undefined;
    else if (!isPausing) due ??= this.#due[0];
    if (due) this.send(due);
    else if (this.#due.length > 0) {
      Timer.clear(this.#timer);
      this.#timer = Timer.set(() => {
        this.#timer = undefined;
        this.drain();
      }, leftMs);
    }
  }

  private send(due: Due): void {
    // Before the message is given away: it may be settled within.
    this.#sending = due;
    const strikes = this.unwelcome(due.topic)?.strikes;
    if (this.#link.publish(due.topic, due.format(), this.#onSettled, strikes))
      this.#due.splice(this.#due.indexOf(due), 1);
    else this.#sending = undefined;
  }

  private settled(outcome: Outcome): void {
    const sent = this.#sending!;
    const { topic } = sent;
    this.#sending = undefined;
    const known = this.unwelcome(topic);
    if (known) this.#unwelcome.splice(this.#unwelcome.indexOf(known), 1);
    if (outcome !== "acknowledged") {
      this.#unwelcome.push({ topic, strikes: outcome === "cut-off" ? STRIKES : 0 });
      // Of several topics that fell to one disturbance each is tried again soon: a stale status is a lie.
      const longer = known || this.#link.canWait ? 2 * this.#pauseMs : this.#pauseMs;
      this.#pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, longer), LONGEST_PAUSE_MS);
      this.#pausedAt = Time.ticks;
      if (this.find(topic) < 0) this.#due.push(sent);
    } else {
      if (this.#unwelcome.length === 0) this.#pauseMs = 0;
      this.#link.acknowledged?.(topic);
    }
    this.drain();
  }

  private unwelcome(topic: string): Unwelcome | undefined {
    return this.#unwelcome.find((each) => each.topic === topic);
  }

  private find(topic: string): number {
    return this.#due.findIndex((due) => due.topic === topic);
  }
}
