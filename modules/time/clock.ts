import Time from "time";
import Timer from "timer";

/** How far the wall clock may be believed. */
export type ClockQuality =
  /** Never set since power-on: readings are stamped with boot and uptime only. */
  | "none"
  /** Set from the latest instant that is known to have passed; good enough to check certificates with. */
  | "estimated"
  /** Set by a time server. */
  | "synced";

export interface ClockOptions {
  /** No earlier time is believed, Unix milliseconds. It may rise (time-keeper.ts): read at each use. */
  readonly floorUnixMs: number;
  /** No later time is believed; before {@link LATEST_UNIX_MS}. */
  readonly ceilingUnixMs: number;
  /**
   * The wall clock was set. `unixMsAtBoot`: Unix time at uptime zero, which dates everything stamped with uptime.
   * `stepMs`: how far the wall clock moved, `undefined` when it was set for the first time. `before`: its quality
   * until now.
   */
  onSet?(unixMsAtBoot: number, stepMs: number | undefined, before: ClockQuality): void;
}

/** 2100-01-01: no later time is believed. `Time.set` holds unsigned 32-bit seconds, which reach to 2106. */
export const LATEST_UNIX_MS = Date.UTC(2100, 0, 1);

/** The uptime is brought forward at least this often, far within one wrap of the ticks (24.8 days signed). */
const COUNT_INTERVAL_MS = 3_600_000;

/**
 * Uptime that never wraps, and the wall clock kept as its offset from uptime.
 *
 * - `uptimeMs` never goes back. `Time.delta` is negative on the desktop when the host's clock is set back, and on
 *   ESP32 beyond 24.8 days (modules/base/time/esp/modTime.c returns a signed integer): neither counts.
 * - The wall clock is `undefined` until set; an estimate never replaces a synced time.
 * - Setting it also sets the system's clock, to the second (`Time.set`), for native code: TLS reads it there.
 */
export class Clock {
  #options: ClockOptions;
  #ticks: number;
  #uptimeMs = 0;
  #unixMsAtBoot: number | undefined;
  #quality: ClockQuality = "none";
  #timer: Timer | undefined;

  constructor(options: ClockOptions) {
    const { floorUnixMs, ceilingUnixMs } = options;
    if (!(floorUnixMs >= 0 && floorUnixMs < ceilingUnixMs && ceilingUnixMs < LATEST_UNIX_MS))
      throw new RangeError("floorUnixMs, ceilingUnixMs");
    this.#options = options;
    this.#ticks = Time.ticks;
    this.#timer = Timer.repeat(() => this.count(), COUNT_INTERVAL_MS);
  }

  /** Milliseconds since this clock was made at boot, monotonic. */
  get uptimeMs(): number {
    return this.count();
  }

  get quality(): ClockQuality {
    return this.#quality;
  }

  /** The earliest time that is believed, Unix milliseconds. */
  get earliestUnixMs(): number {
    return this.#options.floorUnixMs;
  }

  /** Unix time in milliseconds, `undefined` while the quality is "none". */
  get unixMs(): number | undefined {
    return this.unixAt(this.count());
  }

  /** Unix time of an instant of this boot, `undefined` while the quality is "none". */
  unixAt(uptimeMs: number): number | undefined {
    return this.#unixMsAtBoot === undefined ? undefined : this.#unixMsAtBoot + uptimeMs;
  }

  /** Whether a time is one that the clock would believe: from floor to ceiling. */
  isPlausible(unixMs: number): boolean {
    return unixMs >= this.#options.floorUnixMs && unixMs <= this.#options.ceilingUnixMs;
  }

  /** Sets the wall clock. False, and nothing changed: not plausible, or an estimate over a synced time. */
  set(unixMs: number, quality: Exclude<ClockQuality, "none">): boolean {
    if (!this.isPlausible(unixMs)) return false;
    if (quality === "estimated" && this.#quality === "synced") return false;
    this.apply(unixMs, quality);
    return true;
  }

  private apply(unixMs: number, quality: Exclude<ClockQuality, "none">): void {
    const before = this.#unixMsAtBoot;
    const qualityBefore = this.#quality;
    const unixMsAtBoot = Math.round(unixMs) - this.count();
    this.#unixMsAtBoot = unixMsAtBoot;
    this.#quality = quality;
    Time.set(Math.round(unixMs / 1000));
    this.#options.onSet?.(
      unixMsAtBoot,
      before === undefined ? undefined : unixMsAtBoot - before,
      qualityBefore,
    );
  }

  private bounded(unixMs = Number.NaN): number {
    return this.isPlausible(unixMs) ? unixMs : this.#options.floorUnixMs;
  }

  /**
   * Sets the wall clock to the latest instant that is known to have passed, for when no time server answers: the
   * floor, or `lastKnownUnixMs` where that is later and plausible. False: a synced time stays, or the clock's own
   * estimate is later already.
   */
  estimate(lastKnownUnixMs?: number): boolean {
    const latest = this.bounded(lastKnownUnixMs);
    const now = this.unixMs;
    if (now !== undefined && now >= latest) return false;
    return this.set(latest, "estimated");
  }

  /** The time that it has is not to be believed: an estimate from `unixMs` takes its place, whatever it was. */
  distrust(unixMs: number): void {
    this.apply(this.bounded(unixMs), "estimated");
  }

  /** Stops the timer. The clock still tells the time when read. */
  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private count(): number {
    const ticks = Time.ticks;
    const passed = Time.delta(this.#ticks, ticks);
    if (passed > 0) this.#uptimeMs += passed;
    this.#ticks = ticks;
    return this.#uptimeMs;
  }
}
