export interface AttemptsOptions {
  /** So many failures are free. */
  readonly failures: number;
  /** From the first of them. */
  readonly windowMs: number;
  /** Milliseconds, only ever counting up. */
  now?(): number;
}

/** More callers than this at once are no callers: the oldest are forgotten. */
const MOST = 10_000;

/** Failures by key (a client, an address), so that secrets cannot be tried out. */
export class Attempts {
  #options: AttemptsOptions;
  #byKey = new Map<string, { count: number; until: number }>();

  constructor(options: AttemptsOptions) {
    if (!(options.failures > 0 && options.windowMs > 0))
      throw new RangeError("failures and windowMs are above 0");
    this.#options = options;
  }

  /** Seconds until it may try again; 0: now. */
  waitSeconds(key: string): number {
    const entry = this.#byKey.get(key);
    if (!entry) return 0;
    const left = entry.until - this.#now();
    if (left <= 0) {
      this.#byKey.delete(key);
      return 0;
    }
    return entry.count < this.#options.failures ? 0 : Math.ceil(left / 1000);
  }

  countFailure(key: string): void {
    this.waitSeconds(key);
    const entry = this.#byKey.get(key) ?? { count: 0, until: this.#now() + this.#options.windowMs };
    entry.count++;
    this.#byKey.delete(key);
    this.#byKey.set(key, entry);
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > MOST && oldest !== undefined) this.#byKey.delete(oldest);
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }
}
