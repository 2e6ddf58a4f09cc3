import Time from "time";
import Timer from "timer";
import type { Logger } from "../base/logger";
import type { Measurement } from "../telemetry/reading";
import type { CalibrationFault, Sensor } from "./sensor";

/**
 * A command in one number, since each is a slot of flash: its code, how many words its answer has (0: none is read), and
 * how long it takes until the answer can be read, or the next command be sent.
 */
export type Command = number;

export const command = (code: number, waitMs: number, words = 0): Command =>
  code + words * 0x1_0000 + waitMs * 0x10_0000;

export const codeOf = (command: Command): number => command & 0xffff;
export const wordsOf = (command: Command): number => (command >>> 16) & 0xf;
export const waitMsOf = (command: Command): number => Math.floor(command / 0x10_0000);

/** Why there are no values, or not all of them: what every sensor of this kind may have. */
export type PolledFault =
  /** Nothing answers: not plugged in, no voltage. */
  | "not found"
  /** It answered, and does no longer. */
  | "connection lost"
  /** It answers, and is another product. */
  | "unsupported model"
  /** Its own test says that it is broken; it is asked again every minute. */
  | "sensor failure"
  | "starting"
  /** It has not run long enough for some of its values. */
  | "warming up"
  /** It answers, and measures nothing. */
  | "no new values"
  /** The last forced recalibration came to nothing. */
  | "recalibration failed";

/** What one driver differs in: a table. */
export interface Traits {
  readonly family: string;
  /** From whatever state to measuring: reset, identification, settings. */
  readonly start: readonly Command[];
  /** Every `pollMs`. */
  readonly poll: readonly Command[];
  /** Forced recalibration, to measuring again. Absent: it has none. */
  readonly calibrate?: readonly Command[];
  readonly pollMs: number;
  /** Until {@link PolledSensor.isWarm}. */
  readonly warmUpMs: number;
}

/** How a list of commands goes on after an answer. */
export type Next =
  | undefined
  /** The rest of the list is not needed: there is nothing new. */
  | "enough"
  | "unsupported model"
  | "sensor failure"
  | "recalibration failed";

/** A fan cleaning takes ten seconds without new values; this is beyond it. */
const STALE_MS = 30_000;
/** Polls in a row without an answer that mean more than a disturbance. */
const MAX_MISSES = 3;
const RETRY_MS = 60_000;
const NOTHING: readonly number[] = Object.freeze([]);
const NO_BYTES = new Uint8Array(0);

type State =
  /** No answer, or none that is understood; looked for again every minute. */
  | "absent"
  /** Reset, identification, configuration. */
  | "starting"
  | "running"
  /** Forced recalibration. */
  | "calibrating"
  | "closed";

/**
 * The life of a sensor that is asked; a bus adds how, a driver its table and what an answer means.
 *
 * - Looks for the sensor at once, and every minute while it is not there; resets, identifies and starts it.
 * - Nothing blocks: between a command and its answer runs a timer.
 * - `sample()` gives the latest values that are not older than 30 s; those that are not known, or worthless by the
 *   sensor's own status, are absent.
 */
export abstract class PolledSensor implements Sensor {
  model: string;
  serialNumber: string | undefined;
  /** Firmware version of the sensor, "2.0"; `undefined` until it was read, or where it has none. */
  firmware: string | undefined;
  /** Those of the table, or of the model that was found. */
  protected pollCommands: readonly Command[];
  #log: Logger;
  #traits: Traits;
  #timer: Timer | undefined;
  #state: State = "starting";
  #absence: PolledFault = "not found";
  #misses = 0;
  #startedAt = 0;
  #warm = false;
  #values: Measurement | undefined;
  #valuesAt = 0;
  /** What the next poll begins with instead: a command must not come while the sensor works on another. */
  #due: "starting" | "calibrating" | undefined;
  #calibrationFailed = false;

  constructor(log: Logger, traits: Traits) {
    this.model = traits.family;
    this.#log = log;
    this.#traits = traits;
    this.pollCommands = traits.poll;
    this.#timer = Timer.set(() => this.enter("starting"), 0);
  }

  /** Sends a command. @throws Error when nobody takes it */
  protected abstract send(command: Command, words: readonly number[]): void;

  /** The bytes of a command's answer. @throws Error when there is none, or a disturbed one */
  protected abstract receive(command: Command): Uint8Array;

  protected abstract closeBus(): void;

  /** What an answer means; called for commands without an answer too, with no bytes. */
  protected abstract take(command: Command, data: Uint8Array): Next;

  /** Arguments of a command; `undefined`: it is left out this time. */
  protected words(_command: Command): readonly number[] | undefined {
    return NOTHING;
  }

  /** What the sensor says of itself. */
  protected get status(): string | undefined {
    return undefined;
  }

  get fault(): string | undefined {
    if (this.#state === "absent") return this.#absence;
    if (this.#state === "starting" || this.#state === "closed") return "starting";
    if (this.status) return this.status;
    if (!this.#warm) return "warming up";
    if (this.#calibrationFailed) return "recalibration failed";
    return this.sample() ? undefined : "no new values";
  }

  get ageMs(): number | undefined {
    return this.sample() && Time.delta(this.#valuesAt);
  }

  sample(): Measurement | undefined {
    const running = this.#state === "running" || this.#state === "calibrating";
    return running && Time.delta(this.#valuesAt) <= STALE_MS ? this.#values : undefined;
  }

  close(): void {
    if (this.#state === "closed") return;
    this.enter("closed");
    this.closeBus();
  }

  /** Since it was started, `warmUpMs` have passed. */
  protected get isWarm(): boolean {
    return this.#warm;
  }

  /** Sets its settings anew, by a start from the beginning. */
  protected restart(): void {
    this.#due ??= "starting";
  }

  /** `minimumMs`: how long it has to have measured in this air. */
  protected recalibrate(minimumMs: number): CalibrationFault | undefined {
    if (this.#state === "calibrating" || this.#due === "calibrating") return "calibrating";
    if (this.#state !== "running") return "not-ready";
    if (Time.delta(this.#startedAt) < minimumMs) return "warming-up";
    this.#calibrationFailed = false;
    this.#due = "calibrating";
    return undefined;
  }

  /** New values, those without worth taken out. */
  protected keep(values: Measurement): void {
    this.#values = Object.keys(values).length > 0 ? values : undefined;
    this.#valuesAt = Time.ticks;
  }

  private enter(next: State): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#state = next;
    this.#misses = 0;
    this.#due = undefined;
    if (next === "starting") this.run(this.#traits.start, 0);
    if (next === "calibrating") this.run(this.#traits.calibrate!, 0);
    if (next === "absent") this.after(RETRY_MS, () => this.enter("starting"));
  }

  /** Command `at` of `list`, its wait, its answer, and then the next. */
  private run(list: readonly Command[], at: number): void {
    const command = list[at];
    if (command === undefined) return this.finished();
    const words = this.words(command);
    if (!words) return this.run(list, at + 1);
    try {
      this.send(command, words);
    } catch (error) {
      return this.miss(`${error}`);
    }
    this.after(waitMsOf(command), () => this.answered(list, at));
  }

  private answered(list: readonly Command[], at: number): void {
    const command = list[at]!;
    let data: Uint8Array = NO_BYTES;
    try {
      if (wordsOf(command)) data = this.receive(command);
    } catch (error) {
      return this.miss(`${error}`);
    }
    const next = this.take(command, data);
    if (next === "unsupported model" || next === "sensor failure") return this.lose(next);
    if (next === "recalibration failed") {
      this.#calibrationFailed = true;
      this.#log.warn(next);
    }
    if (next === "enough") return this.finished();
    this.run(list, at + 1);
  }

  /** A list has been gone through. */
  private finished(): void {
    this.#misses = 0;
    if (this.#state !== "running") {
      this.#startedAt = this.#valuesAt = Time.ticks;
      this.#warm = this.#traits.warmUpMs === 0;
      if (this.#state === "starting") {
        this.#values = undefined;
        this.#absence = "connection lost";
        const serial = this.serialNumber ? ` ${this.serialNumber}` : "";
        this.#log.info(`${this.model}${serial}${this.firmware ? `, firmware ${this.firmware}` : ""}`);
      }
      this.#state = "running";
    }
    this.after(this.#traits.pollMs, () => this.poll());
  }

  private poll(): void {
    if (Time.delta(this.#valuesAt) > STALE_MS) {
      this.#log.warn("no new values: reset");
      return this.enter("starting");
    }
    if (this.#due) return this.enter(this.#due);
    this.#warm ||= Time.delta(this.#startedAt) >= this.#traits.warmUpMs;
    this.run(this.pollCommands, 0);
  }

  /** No answer, or a disturbed one. */
  private miss(why: string): void {
    this.#misses++;
    this.#log.debug(`no answer (${this.#misses}): ${why}`);
    if (this.#state === "running" && this.#warm && this.#misses < MAX_MISSES)
      return this.after(this.#traits.pollMs, () => this.poll());
    this.lose(this.#absence === "connection lost" ? this.#absence : "not found");
  }

  private lose(why: PolledFault): void {
    if (this.#state !== "starting" || why !== this.#absence) this.#log.warn(why);
    this.#absence = why;
    this.enter("absent");
  }

  private after(delayMs: number, then: () => void): void {
    this.#timer = Timer.set(then, delayMs);
  }
}
