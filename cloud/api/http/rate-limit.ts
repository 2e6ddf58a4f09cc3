export interface RateLimitOptions {
  /** Requests in a window. */
  readonly requests: number;
  readonly windowSeconds: number;
  /** Answered at once. */
  readonly atOnce: number;
  /** Milliseconds, only ever counting up. */
  now?(): number;
}

export interface Allowance {
  readonly isAllowed: boolean;
  readonly reason?: "too-many" | "too-many-at-once";
  /** draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Callers that are remembered; the oldest are forgotten, which only lets them begin a window anew. */
const MOST = 10_000;

/** How much one caller may ask: so many requests in a window, and so many side by side. */
export class RateLimit {
  #options: RateLimitOptions;
  #windows = new Map<string, { used: number; until: number }>();
  #running = new Map<string, number>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** One more request of that caller. If it is allowed, {@link end} must follow. */
  begin(caller: string): Allowance {
    const { requests, windowSeconds, atOnce } = this.#options;
    const now = this.#options.now?.() ?? performance.now();
    let window = this.#windows.get(caller);
    if (!window || window.until <= now) {
      window = { used: 0, until: now + windowSeconds * 1000 };
      this.#windows.delete(caller);
      this.#windows.set(caller, window);
      const [oldest] = this.#windows.keys();
      if (this.#windows.size > MOST && oldest !== undefined) this.#windows.delete(oldest);
    }
    const isOver = window.used >= requests;
    if (!isOver) window.used++;
    const seconds = Math.min(windowSeconds, Math.ceil((window.until - now) / 1000));
    const headers: Record<string, string> = {
      "RateLimit-Policy": `"requests";q=${requests};w=${windowSeconds}`,
      RateLimit: `"requests";r=${requests - window.used};t=${seconds}`,
    };
    if (isOver)
      return {
        isAllowed: false,
        reason: "too-many",
        headers: { ...headers, "Retry-After": String(seconds) },
      };
    const running = this.#running.get(caller) ?? 0;
    if (running >= atOnce)
      return { isAllowed: false, reason: "too-many-at-once", headers: { ...headers, "Retry-After": "1" } };
    this.#running.set(caller, running + 1);
    return { isAllowed: true, headers };
  }

  end(caller: string): void {
    const running = (this.#running.get(caller) ?? 0) - 1;
    if (running > 0) this.#running.set(caller, running);
    else this.#running.delete(caller);
  }
}
