import type { Scheduler } from "./scheduler";

/** A pulse that is shorter is a glitch: AirGradient's board definitions ask for 20 ms or more (BoardDef.cpp). */
const SHORTEST_PULSE_MS = 20;
/** AirGradient's, by its firmware (HardwareWatchdog::getTimeout). */
const TIMEOUT_MS = 5 * 60_000;

/**
 * The watchdog beside the processor of a monitor: it resets the board when no whole pulse came for five minutes, whatever
 * the processor does or does not.
 */
export class ExternalWatchdog {
  #scheduler: Scheduler;
  #onBite: () => void;
  #waiting: unknown;
  #on = false;
  #highSince: number | undefined;
  /** Whole pulses so far. */
  fed = 0;
  bites = 0;

  constructor(options: { scheduler: Scheduler; onBite(): void }) {
    this.#scheduler = options.scheduler;
    this.#onBite = options.onBite;
  }

  /** Of the board; a reset of the chip is none of its business. */
  power(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#highSince = undefined;
    if (on) this.#wait();
    else this.#scheduler.clear(this.#waiting);
  }

  pin(level: 0 | 1): void {
    if (level === 1) {
      this.#highSince ??= this.#scheduler.now();
      return;
    }
    const since = this.#highSince;
    this.#highSince = undefined;
    if (since === undefined || this.#scheduler.now() - since < SHORTEST_PULSE_MS) return;
    this.fed++;
    this.#wait();
  }

  #wait(): void {
    this.#scheduler.clear(this.#waiting);
    this.#waiting = this.#scheduler.set(() => {
      this.bites++;
      this.#highSince = undefined;
      this.#wait();
      this.#onBite();
    }, TIMEOUT_MS);
  }
}
