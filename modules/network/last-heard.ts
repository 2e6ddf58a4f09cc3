/**
 * When a name server or a time server last answered, whoever had asked and whatever it said: the network leads
 * somewhere. One record for all who ask and all who want to know.
 */
export class LastHeard {
  #clock: { readonly uptimeMs: number };
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(clock: { readonly uptimeMs: number }) {
    this.#clock = clock;
  }

  note(): void {
    this.#atMs = this.#clock.uptimeMs;
  }

  within(ms: number): boolean {
    return this.#clock.uptimeMs - this.#atMs <= ms;
  }
}
