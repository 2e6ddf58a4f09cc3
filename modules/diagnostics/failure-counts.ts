/** Reasons that are told apart; the closed sets of Wi-Fi and cloud together have fewer. */
const MOST_REASONS = 64;

/** How often each reason for not being online occurred since the boot. */
export class FailureCounts {
  #counts = new Map<string, number>();
  #last: string | undefined;

  count(reason: string): void {
    const before = this.#counts.get(reason);
    if (before === undefined && this.#counts.size >= MOST_REASONS) return;
    this.#counts.set(reason, (before ?? 0) + 1);
    this.#last = reason;
  }

  /** `undefined`: none since the boot. */
  get last(): string | undefined {
    return this.#last;
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
