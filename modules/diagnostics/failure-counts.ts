/** Reasons that are told apart; the closed sets of Wi-Fi and cloud together have fewer. */
const MOST_REASONS = 64;
/** The last failures that are kept as they came. */
const MOST_RECENT = 6;

/** A failure, as whoever helps wants to read it. */
export interface Failure {
  readonly reason: string;
  /** What lies behind it: the socket's reason behind `cloud-tls`. */
  readonly detail: string | undefined;
  /** Uptime when it was counted, ms. */
  readonly atMs: number;
}

/** How often each reason for not being online occurred since the boot, and the last of them. */
export class FailureCounts {
  #parts: { readonly clock: { readonly uptimeMs: number } };
  #counts = new Map<string, number>();
  #last: string | undefined;
  #recent: Failure[] = [];
  #total = 0;

  /** `parts`: whose clock is asked when something fails, and not before. */
  constructor(parts: { readonly clock: { readonly uptimeMs: number } }) {
    this.#parts = parts;
  }

  count(reason: string, detail?: string): void {
    this.#total++;
    if (this.#recent.length === MOST_RECENT) this.#recent.shift();
    this.#recent.push({ reason, detail, atMs: this.#parts.clock.uptimeMs });
    this.add(reason);
  }

  /** Counts what lies behind the failure that was counted last. */
  countDetail(reason: string): void {
    this.add(reason);
  }

  /** `undefined`: none since the boot. */
  get last(): string | undefined {
    return this.#last;
  }

  /** The last failures, oldest first. */
  get recent(): readonly Failure[] {
    return this.#recent;
  }

  /** Of all failures since the boot. */
  get total(): number {
    return this.#total;
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  private add(reason: string): void {
    const before = this.#counts.get(reason);
    if (before === undefined && this.#counts.size >= MOST_REASONS) return;
    this.#counts.set(reason, (before ?? 0) + 1);
    this.#last = reason;
  }
}
