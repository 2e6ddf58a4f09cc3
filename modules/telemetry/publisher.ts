import Timer from "timer";
import { type Logger, silentLogger } from "../base/logger";
import type { Journal } from "../journal/journal";
import { formatBatch } from "./batch";
import { type Published, Unsent } from "./unsent";
import { zlibEncode } from "./zlib-encoder";

/** How a published batch ended: the broker has it, refused it (MQTT 5), or takes no packet of that size. */
export type PublishOutcome = "acknowledged" | "refused" | "too-large";

/** What the publisher needs of the journal. */
export interface PublisherJournal extends Pick<Journal, "epoch" | "readInto"> {
  /** False: the journal could not keep that, and the readings will be read again. */
  mark(firstSeq: number, lastSeq: number): boolean;
}

export interface PublisherOptions {
  readonly journal: PublisherJournal;
  readonly topic: string;
  /**
   * Publishes at QoS 1. False: not now, {@link Publisher.drain} tells when. A batch that was taken is the link's to
   * resend across connections until it calls `onSettled`, once, and not from inside this call.
   */
  publish(topic: string, payload: Uint8Array, onSettled: (outcome: PublishOutcome) => void): boolean;
  /** Readings that make a batch due; read anew for each. */
  readingsPerBatch(): number;
  /** How long a reading waits at most for others while online, ms; read anew for each batch. */
  publishIntervalMs(): number;
  /** Pause between two batches of the backlog, so that commands and keep-alive stay quick. Default 250 ms. */
  readonly backlogGapMs?: number;
  readonly log?: Logger;
}

/** A batch of the backlog, which RAM holds some 5 KB for; 60 would save a quarter of the bytes on the wire. */
const FULL_BATCH = 30;
/** So many published batches hold the backlog back: each is up to 4 KB of the link's RAM. */
const BACKLOG_IN_FLIGHT = 2;
const BACKLOG_GAP_MS = 250;
/** After a refusal by the broker, which seldom passes at once. */
const REST_MS = 60_000;
/** A `seq` above all others. */
const NEVER = Number.MAX_SAFE_INTEGER;

type State =
  /** No broker. */
  | "offline"
  /** Publishes what is due. */
  | "ready"
  /** The link took no more; waits for `drain`. */
  | "full"
  /** The broker refused a batch: waits a while. */
  | "resting"
  | "closed";

/**
 * From the journal to the broker: batch, compress, publish, and mark in the journal what was acknowledged.
 *
 * - Nothing is held only here: what is not marked is in the journal, and is published again after a restart.
 *   Duplicates are possible, loss is not.
 * - Readings go two ways. The fresh ones, from `#freshFrom` on, go as one batch when they are due: at once when
 *   back online, then at every `readingsPerBatch` or `publishIntervalMs`. What is below is the backlog: it follows in
 *   order, in full batches, paced. More fresh readings than one batch holds become backlog, but for the last one.
 * - A batch is not published again before it was settled, across any number of connections. What was published with a
 *   time that has proved wrong is published once more, whatever became of it.
 */
export class Publisher {
  #options: PublisherOptions;
  #log: Logger;
  #state: State = "offline";
  #unsent: Unsent;
  /** The latest reading; 0: none since the start. */
  #newest = 0;
  /** No reading below is unsent. */
  #backlogFrom = 1;
  #freshFrom = NEVER;
  /** Fresh readings up to here are to go now. */
  #dueThrough = 0;
  /** Readings in a batch, at most: lowered while the broker takes no larger packet. */
  #limit = NEVER;
  #restTimer: Timer | undefined;
  #gapTimer: Timer | undefined;
  #intervalTimer: Timer | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#unsent = new Unsent(options.journal);
  }

  /** Reading `seq` is in the journal. */
  readingTaken(seq: number): void {
    if (this.#state === "closed") return;
    this.#newest = seq;
    this.#freshFrom = Math.min(this.#freshFrom, seq);
    if (this.#state === "offline") return;
    if (seq - this.#freshFrom + 1 >= this.#options.readingsPerBatch()) this.freshDue();
    else this.#intervalTimer ??= Timer.set(() => this.freshDue(), this.#options.publishIntervalMs());
  }

  /** The broker is there. */
  online(): void {
    if (this.#state !== "offline") return;
    this.#limit = NEVER;
    this.#freshFrom = this.#newest ? this.#backlogFrom : NEVER;
    this.enter("ready");
    this.freshDue();
  }

  offline(): void {
    if (this.#state !== "closed") this.enter("offline");
  }

  /** What is fresh goes now, not when it is due. */
  publishNow(): void {
    if (this.#state !== "offline" && this.#state !== "closed") this.freshDue();
  }

  /** Readings that were delivered or are on their way have another time now: the journal gives them again. */
  redated(): void {
    this.#unsent.spoil();
    this.#backlogFrom = 1;
    this.pump();
  }

  /** The link takes messages again. */
  drain(): void {
    if (this.#state !== "full") return;
    this.enter("ready");
    this.pump();
  }

  close(): void {
    this.enter("closed");
  }

  private enter(next: State): void {
    this.#restTimer = cleared(this.#restTimer);
    if (next === "offline" || next === "closed") {
      this.#gapTimer = cleared(this.#gapTimer);
      this.#intervalTimer = cleared(this.#intervalTimer);
    }
    this.#state = next;
    if (next === "resting")
      this.#restTimer = Timer.set(() => {
        this.#restTimer = undefined;
        this.enter("ready");
        this.pump();
      }, REST_MS);
  }

  private freshDue(): void {
    this.#intervalTimer = cleared(this.#intervalTimer);
    this.#dueThrough = this.#newest;
    this.pump();
  }

  /** Publishes the fresh readings that are due, and then at most one batch of the backlog. */
  private pump(): void {
    while (this.#state === "ready" && this.#freshFrom <= this.#dueThrough) {
      if (this.#newest - this.#freshFrom >= this.batchLimit()) this.#freshFrom = this.#newest;
      this.#freshFrom = this.publishFrom(this.#freshFrom, NEVER) ?? this.#freshFrom;
    }
    if (this.#state !== "ready" || this.#gapTimer || this.#unsent.inFlight >= BACKLOG_IN_FLIGHT) return;
    const next = this.publishFrom(this.#backlogFrom, this.#freshFrom);
    if (next === undefined || next === this.#backlogFrom) return;
    this.#backlogFrom = next;
    this.#gapTimer = Timer.set(() => {
      this.#gapTimer = undefined;
      this.pump();
    }, this.#options.backlogGapMs ?? BACKLOG_GAP_MS);
  }

  /**
   * Publishes one batch of the unsent readings at or after `from` and below `before`. Returns from where on there may
   * be more; `undefined` when there are some that could not be published now: the state says why.
   */
  private publishFrom(from: number, before: number): number | undefined {
    const { journal, topic } = this.#options;
    const readings = this.#unsent.read(from, before, this.batchLimit());
    const { first } = readings;
    if (first === 0) return Math.max(from, Math.min(before, this.#newest + 1));
    const { json, count } = formatBatch(readings, journal.epoch);
    const batch: Published = { first, last: first + count - 1 };
    this.#unsent.add(batch);
    const settled = (outcome: PublishOutcome) => this.settled(batch, outcome);
    if (this.#options.publish(topic, zlibEncode(json), settled)) return batch.last + 1;
    this.#unsent.remove(batch);
    this.enter("full");
    return undefined;
  }

  private settled(batch: Published, outcome: PublishOutcome): void {
    if (this.#state === "closed" || !this.#unsent.remove(batch)) return;
    if (outcome !== "acknowledged") this.takeBack(batch, outcome);
    else if (batch.isStale) this.#backlogFrom = Math.min(this.#backlogFrom, batch.first);
    else if (!this.#options.journal.mark(batch.first, batch.last))
      this.#log.warn(`readings ${batch.first}–${batch.last} stay unmarked and will be published again`);
    if (this.#state === "full") this.enter("ready");
    this.pump();
  }

  private takeBack({ first, last }: Published, outcome: "refused" | "too-large"): void {
    this.#log.warn(`readings ${first}–${last}: the broker says ${outcome}`);
    this.#backlogFrom = Math.min(this.#backlogFrom, first);
    const count = last - first + 1;
    if (outcome === "too-large" && count > 1) this.#limit = count >> 1;
    else if (this.#state === "ready" || this.#state === "full") this.enter("resting");
  }

  private batchLimit(): number {
    return Math.min(this.#limit, Math.max(FULL_BATCH, this.#options.readingsPerBatch()));
  }
}

function cleared(timer: Timer | undefined): undefined {
  Timer.clear(timer);
  return undefined;
}
