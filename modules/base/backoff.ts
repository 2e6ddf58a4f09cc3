export interface BackoffOptions {
  /** Upper bound of the first delay, ms. Default 1 s. */
  readonly firstMs?: number;
  /** Upper bound of every delay, ms. Default 5 min. */
  readonly longestMs?: number;
}

/**
 * Exponential backoff with full jitter: a delay is drawn evenly from zero to a bound that doubles with each attempt.
 * Many devices that lost the same router or broker then come back spread out, not in waves.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * No timer inside. Whoever retries waits for `nextDelayMs`, and calls `reset` once it has been online for long
 * enough ({@link STABLE_MS}).
 */
export class Backoff {
  #firstMs: number;
  #longestMs: number;
  #attempts = 0;

  /** Throws RangeError unless 0 < firstMs ≤ longestMs < ∞. */
  constructor(options: BackoffOptions = {}) {
    const { firstMs = 1_000, longestMs = 300_000 } = options;
    if (!(firstMs > 0 && firstMs <= longestMs && longestMs < Infinity))
      throw new RangeError("backoff bounds");
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** Delays given out since the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** How long to wait before the next attempt, whole ms. `random`: 0 ≤ random < 1, else RangeError. */
  nextDelayMs(random: number): number {
    if (!(random >= 0 && random < 1)) throw new RangeError("random");
    const bound = Math.min(this.#longestMs, this.#firstMs * 2 ** this.#attempts);
    this.#attempts++;
    return Math.floor(random * bound);
  }

  reset(): void {
    this.#attempts = 0;
  }
}

/** A connection that has held this long was no accident: its backoff starts anew. */
export const STABLE_MS = 60_000;
