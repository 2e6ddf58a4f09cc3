import Time from "time";
import Timer from "timer";
import type { Logger } from "../base/logger";
import type { Journal } from "../journal/journal";
import { DICTIONARY, formatBatch } from "./batch";
import type { ReadingBlock } from "./reading-block";
import { type Aside, nextRestMs, REST_MS } from "./set-aside";
import { type Published, Unsent } from "./unsent";
import { zlibEncode } from "./zlib-encoder";

/**
 * How a published batch ended: the broker has it, refused it (MQTT 5), takes no packet of that size, or ended the
 * connection over it again and again.
 */
export type PublishOutcome = "acknowledged" | "refused" | "too-large" | "cut-off";

/** What the publisher needs of the journal. */
export interface PublisherJournal extends Pick<Journal, "epoch" | "readInto"> {
  /** False: the journal could not keep that, and the readings will be read again. */
  mark(firstSeq: number, lastSeq: number): boolean;
}

export interface PublisherOptions {
  readonly journal: PublisherJournal;
  /** Of the next batch, which keeps it. Where it ends in {@link WITH_DICTIONARY}, its readers have that. */
  readonly topic: string;
  /**
   * Publishes at QoS 1. False: not now, {@link Publisher.drain} tells when. A batch that was taken is the link's to
   * resend across connections until it calls `onSettled`, once, and not from inside this call. `strikes`: of readings
   * that were set aside, the closes of the broker over them alone; others go before them.
   */
  publish(
    topic: string,
    payload: Uint8Array,
    onSettled: (outcome: PublishOutcome) => void,
    strikes: number | undefined,
  ): boolean;
  /** Readings that make a batch due; read anew for each. */
  readingsPerBatch(): number;
  /** How long a reading waits at most for others while online, ms; read anew for each batch. */
  publishIntervalMs(): number;
  /** Pause between two batches of the backlog, so that commands and keep-alive stay quick. Default 250 ms. */
  readonly backlogGapMs?: number;
  readonly log: Logger;
}

/** A batch of the backlog, which RAM holds some 5 KB for; 60 would save a quarter of the bytes on the wire. */
const FULL_BATCH = 30;
/** So many published batches hold the backlog back: each is up to 4 KB of the link's RAM. */
const BACKLOG_IN_FLIGHT = 2;
const BACKLOG_GAP_MS = 250;
/** For so long after a batch was cut off none is larger than its half: the broker may take no larger message. */
const SMALL_MS = 3_600_000;
/** Closes after which one more is enough for a reading that was cut off before. */
const STRIKES = 2;
const WITH_DICTIONARY = "/zd1";
/** A `seq` above all others. */
const NEVER = Number.MAX_SAFE_INTEGER;

type State =
  /** No broker. */
  | "offline"
  /** Publishes what is due. */
  | "ready"
  /** The link took no more; waits for `drain`. */
  | "full"
  /** The broker refuses more than can be set aside: waits a while. */
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
 * - What the broker does not take is set aside and published again in halves, down to one reading, which rests up to
 *   ten minutes between its tries and is never marked. All others pass it.
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
  /** Half of a batch that was cut off, and the ticks then. */
  #small: { readonly count: number; readonly since: number } | undefined;
  #restMs = 0;
  #restTimer: Timer | undefined;
  #asideTimer: Timer | undefined;
  #gapTimer: Timer | undefined;
  #intervalTimer: Timer | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#log = options.log;
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
      this.#asideTimer = cleared(this.#asideTimer);
      this.#intervalTimer = cleared(this.#intervalTimer);
    }
    this.#state = next;
    if (next !== "resting") return;
    this.#restMs = nextRestMs(this.#restMs);
    this.#restTimer = Timer.set(() => {
      this.#restTimer = undefined;
      this.enter("ready");
      this.pump();
    }, this.#restMs);
  }

  private freshDue(): void {
    this.#intervalTimer = cleared(this.#intervalTimer);
    this.#dueThrough = this.#newest;
    this.pump();
  }

  /** Publishes the fresh readings that are due, then what was set aside, and then at most one batch of the backlog. */
  private pump(): void {
    while (this.#state === "ready" && this.#freshFrom <= this.#dueThrough) {
      if (this.#newest - this.#freshFrom >= this.batchLimit()) this.#freshFrom = this.#newest;
      this.#freshFrom = this.publishFrom(this.#freshFrom, NEVER) ?? this.#freshFrom;
    }
    if (this.#state === "ready") this.retry();
    if (this.#state !== "ready" || this.#gapTimer || this.#unsent.inFlight >= BACKLOG_IN_FLIGHT) return;
    const next = this.publishFrom(this.#backlogFrom, this.#freshFrom);
    if (next === undefined || next === this.#backlogFrom) return;
    this.#backlogFrom = next;
    this.#gapTimer = Timer.set(() => {
      this.#gapTimer = undefined;
      this.pump();
    }, this.#options.backlogGapMs ?? BACKLOG_GAP_MS);
  }

  /** Publishes what was set aside and has rested, one batch at a time, or waits for that. */
  private retry(): void {
    this.#asideTimer = cleared(this.#asideTimer);
    if (this.#unsent.isRetrying) return;
    const { aside } = this.#unsent;
    const waitMs = aside.waitMs();
    if (waitMs === undefined) return;
    if (waitMs === 0) this.publishAside(aside.due()!);
    else
      this.#asideTimer = Timer.set(() => {
        this.#asideTimer = undefined;
        this.pump();
      }, waitMs);
  }

  private publishAside(range: Aside): void {
    const { aside } = this.#unsent;
    aside.remove(range);
    const readings = this.#unsent.read(range.first, range.last + 1, this.batchLimit());
    // A full journal drops the oldest, these too.
    if (readings.first === 0) return this.retry();
    const last = this.publish(readings, range) ?? readings.first - 1;
    if (last < range.last) aside.add(last + 1, range.last, range.pauseMs, range.strikes);
  }

  /**
   * Publishes one batch of the unsent readings at or after `from` and below `before`. Returns from where on there may
   * be more; `undefined` when there are some that could not be published now: the state says why.
   */
  private publishFrom(from: number, before: number): number | undefined {
    const readings = this.#unsent.read(from, before, this.batchLimit());
    if (readings.first === 0) return Math.max(from, Math.min(before, this.#newest + 1));
    const last = this.publish(readings, undefined);
    return last === undefined ? undefined : last + 1;
  }

  /** Publishes the first of `readings`, as many as fit. Returns the last of them, or `undefined`: not now. */
  private publish(readings: ReadingBlock, aside: Aside | undefined): number | undefined {
    const { journal, topic } = this.#options;
    const { first } = readings;
    const dictionary = topic.endsWith(WITH_DICTIONARY) ? DICTIONARY : "";
    const { json, count } = formatBatch(readings, journal.epoch, dictionary);
    const batch: Published = { first, last: first + count - 1, aside };
    this.#unsent.add(batch);
    const settled = (outcome: PublishOutcome) => this.settled(batch, outcome);
    const payload = zlibEncode(json, dictionary.length);
    if (this.#options.publish(topic, payload, settled, aside?.strikes)) return batch.last;
    this.#unsent.remove(batch);
    this.enter("full");
    return undefined;
  }

  private settled(batch: Published, outcome: PublishOutcome): void {
    if (this.#state === "closed" || !this.#unsent.remove(batch)) return;
    if (outcome !== "acknowledged") this.takeBack(batch, outcome);
    else {
      this.#restMs = 0;
      if (batch.isStale) this.#backlogFrom = Math.min(this.#backlogFrom, batch.first);
      else if (!this.#options.journal.mark(batch.first, batch.last))
        this.#log.warn(`readings ${batch.first}–${batch.last} stay unmarked and will be published again`);
    }
    if (this.#state === "full") this.enter("ready");
    this.pump();
  }

  private takeBack(batch: Published, outcome: Exclude<PublishOutcome, "acknowledged">): void {
    const { first, last } = batch;
    const count = last - first + 1;
    this.#log.warn(`readings ${first}–${last}: ${outcome}`);
    if (count > 1 && outcome === "cut-off") this.#small = { count: (count + 1) >> 1, since: Time.ticks };
    if (count > 1 && outcome === "too-large") {
      this.#backlogFrom = Math.min(this.#backlogFrom, first);
      this.#limit = count >> 1;
    } else if (this.#unsent.aside.hasRoom) this.setAside(batch, outcome);
    else {
      this.#backlogFrom = Math.min(this.#backlogFrom, first);
      if (this.#state === "ready" || this.#state === "full") this.enter("resting");
    }
  }

  private setAside({ first, last, aside }: Published, outcome: PublishOutcome): void {
    const ranges = this.#unsent.aside;
    if (first === last) {
      ranges.add(first, last, nextRestMs(aside?.pauseMs ?? 0), outcome === "cut-off" ? STRIKES : 0);
      return;
    }
    const middle = (first + last) >> 1;
    const pauseMs = outcome === "cut-off" ? 0 : REST_MS;
    ranges.add(first, middle, pauseMs, 0);
    ranges.add(middle + 1, last, pauseMs, 0);
  }

  private batchLimit(): number {
    const small = this.#small;
    if (small && Time.delta(small.since) >= SMALL_MS) this.#small = undefined;
    return Math.min(
      this.#limit,
      this.#small?.count ?? NEVER,
      Math.max(FULL_BATCH, this.#options.readingsPerBatch()),
    );
  }
}

function cleared(timer: Timer | undefined): undefined {
  Timer.clear(timer);
  return undefined;
}
