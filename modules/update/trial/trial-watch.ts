import Timer from "timer";
import type { Logger } from "../../base/logger";
import {
  formatTrial,
  judgeBoot,
  judgeControl,
  MOST_TRIALS,
  parseTrial,
  resetKindOf,
  type TrialRecord,
} from "./trial";
import type { TrialWait, TrialWatchOptions } from "./trial-watch-options";

/** So long a session must hold after its status was acknowledged. */
export const HOLD_MS = 60_000;
/** So long a new image may take, and its control. Setup mode does not count. */
export const LIMIT_MS = 15 * 60_000;
const ONLINE_PAUSE_MS = 10 * 60_000;
const FAILED_PAUSE_MS = 3_600_000;
const LOOK_MS = 5_000;

/**
 * The trial of the image that runs, or what became of the one before. An image is confirmed when a broker has
 * acknowledged a status that names it and the session then holds for a minute; else it gives itself up.
 *
 * Every change is in NVS before its effect, so that whichever image boots next knows.
 */
export class TrialWatch {
  #options: TrialWatchOptions;
  #log: Logger;
  #record: TrialRecord | undefined;
  #timer: Timer | undefined;
  /** Uptimes: since when the session is up, when it was told of this image, until when a trial pauses. */
  #onlineSince: number | undefined;
  #toldAt: number | undefined;
  #pauseUntil = 0;
  #lookedAt = 0;
  #spentMs = 0;

  constructor(options: TrialWatchOptions) {
    this.#options = options;
    this.#log = options.log;
    const { slots, memory, release, resetReason } = options;
    const stored = parseTrial(memory.get("updateTrial"));
    const runningState = slots?.runningState() ?? "none";
    this.#record = stored && judgeBoot(stored, { release, runningState, reset: resetKindOf(resetReason) });
    if (!this.#record && runningState === "pending")
      // Nothing is known of it, and yet it is on trial: its record was lost.
      this.#record = {
        state: "running",
        release,
        image: "",
        from: 0,
        floor: 0,
        trials: MOST_TRIALS,
        failures: 0,
      };
    if (this.#record && stored?.state !== this.#record.state) this.keep(this.#record);
    if (this.#record?.state === "failed-once") this.#pauseUntil = FAILED_PAUSE_MS;
    this.#lookedAt = options.uptimeMs();
    if (this.isOnTrial || this.isControl) this.#timer = Timer.repeat(() => this.look(), LOOK_MS);
  }

  get record(): TrialRecord | undefined {
    return this.#record;
  }

  /** The image that runs has not been confirmed yet. */
  get isOnTrial(): boolean {
    return this.#record?.state === "running" && this.#record.release === this.#options.release;
  }

  sessionUp(): void {
    this.#onlineSince = this.#options.uptimeMs();
    if (this.isControl) this.judged(true);
  }

  /** The broker has acknowledged a status, which names the release. */
  statusTold(): void {
    if (this.#onlineSince === undefined) return;
    this.#toldAt ??= this.#options.uptimeMs();
    // An image that nobody put on trial proves good all the same.
    const { memory, release } = this.#options;
    if (!this.isOnTrial && release > memory.get("confirmedRelease"))
      this.#timer ??= Timer.repeat(() => this.look(), LOOK_MS);
  }

  sessionDown(): void {
    this.#onlineSince = this.#toldAt = undefined;
  }

  /** The device restarts, and the image is not to blame. */
  leaving(): void {
    if (this.isOnTrial) this.keep({ ...this.#record!, state: "left" });
  }

  /** Whether `image` may be started now. Failed for good: its record says why. */
  waitFor(image: string): TrialWait | undefined {
    const record = this.#record;
    if (this.isOnTrial) return "on-trial";
    if (record?.image !== image) return undefined;
    const { state } = record;
    const now = this.#options.uptimeMs();
    if (state === "gave-up") return "trial-pause";
    if (state === "failed-once" && now < this.#pauseUntil) return "trial-pause";
    const isOnline = this.#onlineSince !== undefined && now >= this.#onlineSince + ONLINE_PAUSE_MS;
    return state === "undecided" && !isOnline ? "trial-pause" : undefined;
  }

  /** `record` is what starts next, but for its counts. False: that could not be written down. */
  begin(next: Pick<TrialRecord, "release" | "image" | "floor">, trials?: number): boolean {
    const before = this.#record?.image === next.image ? this.#record : undefined;
    const { release, image, floor } = next;
    return this.keep({
      state: "running",
      release,
      image,
      floor,
      from: this.#options.release,
      trials: trials ?? (before?.trials ?? 0) + 1,
      failures: before?.failures ?? 0,
    });
  }

  /** What `begin` wrote did not come to be, or a person wants the image tried anew. */
  forget(record: TrialRecord | undefined): void {
    this.keep(record);
  }

  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private get isControl(): boolean {
    return this.#record?.state === "gave-up" && this.#record.release !== this.#options.release;
  }

  private look(): void {
    const now = this.#options.uptimeMs();
    if (!this.#options.inSetup()) this.#spentMs += now - this.#lookedAt;
    this.#lookedAt = now;
    if (this.#toldAt !== undefined && now >= this.#toldAt + HOLD_MS && !this.isControl) this.proves();
    else if (this.isOnTrial && this.#spentMs >= LIMIT_MS) this.giveUp();
    else if (this.isControl && this.#spentMs >= LIMIT_MS) this.judged(false);
    else if (!this.isOnTrial && !this.isControl && this.#toldAt === undefined) this.close();
  }

  /** The image that runs is good. The flash may refuse: then it is tried again at the next look. */
  private proves(): void {
    const { slots, memory, release } = this.#options;
    const record = this.#record;
    if (this.isOnTrial && slots && !slots.confirm()) return;
    if (release > memory.get("confirmedRelease")) memory.set("confirmedRelease", release);
    this.close();
    if (!this.isOnTrial || !record) return;
    if (record.floor > memory.get("releaseFloor")) memory.set("releaseFloor", record.floor);
    this.keep({ ...record, state: "confirmed" });
    this.#log.info(`release ${release} is confirmed`);
    this.#options.onTrial();
  }

  private giveUp(): void {
    this.#log.error("not online in the time of a trial: back to the image before");
    const record = this.#record!;
    this.keep({ ...record, state: "gave-up" });
    if (this.#options.slots?.reject()) return;
    // There is no image to go back to.
    this.keep(record);
    this.#spentMs = 0;
  }

  private judged(online: boolean): void {
    this.close();
    const record = judgeControl(this.#record!, online);
    this.keep(record);
    this.#pauseUntil = this.#options.uptimeMs() + FAILED_PAUSE_MS;
    this.#log.warn(`release ${record.release} was not online in its trial: ${record.reason ?? record.state}`);
    this.#options.onTrial();
  }

  private keep(record: TrialRecord | undefined): boolean {
    this.#record = record;
    return this.#options.memory.set("updateTrial", record ? formatTrial(record) : "").ok;
  }
}
