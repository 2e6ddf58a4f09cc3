import type { Scheduler } from "./scheduler";

/** A pulse that is shorter is a glitch: AirGradient's board definitions ask for 20 ms or more (BoardDef.cpp). */
const SHORTEST_PULSE_MS = 20;
/** AirGradient's, by its firmware (HardwareWatchdog::getTimeout). */
const TIMEOUT_MS = 5 * 60_000;

/**
 * The watchdog chip beside the processor of a monitor: it resets the board when no whole pulse came for five minutes.
 * It has a supply of its own accord: it counts whenever the board has power.
 */
export class ExternalWatchdog {
  #scheduler: Scheduler;
  #now: () => number;
  #onBite: () => void;
  #waiting: unknown;
  #highSince: number | undefined;
  /** Whole pulses so far. */
  fed = 0;
  bites = 0;

  constructor(options: { scheduler: Scheduler; now(): number; onBite(): void }) {
    this.#scheduler = options.scheduler;
    this.#now = options.now;
    this.#onBite = options.onBite;
  }

  power(on: boolean): void {
    this.#highSince = undefined;
    if (on) this.#wait();
    else this.#scheduler.clear(this.#waiting);
  }

  pin(level: 0 | 1): void {
    if (level === 1) {
      this.#highSince ??= this.#now();
      return;
    }
    const since = this.#highSince;
    this.#highSince = undefined;
    if (since === undefined || this.#now() - since < SHORTEST_PULSE_MS) return;
    this.fed++;
    this.#wait();
  }

  #wait(): void {
    this.#scheduler.clear(this.#waiting);
    this.#waiting = this.#scheduler.set(() => {
      this.bites++;
      this.#onBite();
    }, TIMEOUT_MS);
  }
}
