import Timer from "timer";

/** What a board has of a watchdog outside the chip. */
export interface ExternalWatchdog {
  /** The machine still runs. */
  feed(): void;
}

/** Boards bite after minutes (AirGradient's: five); one feeding that is late or lost changes nothing. */
export const FEED_MS = 60_000;

/**
 * Feeds the board's watchdog, at once and then once a minute, from a timer of the machine and nowhere else: a machine
 * that hangs in a turn, or whose timers have ended, starves it.
 */
export class WatchdogFeeder {
  #feeding: Timer | undefined;

  constructor(watchdog: ExternalWatchdog) {
    watchdog.feed();
    this.#feeding = Timer.repeat(() => watchdog.feed(), FEED_MS);
  }

  /** Idempotent. */
  close(): void {
    Timer.clear(this.#feeding);
    this.#feeding = undefined;
  }
}
