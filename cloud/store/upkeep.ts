import type { Store } from "./store";

export const SUM_MS = 60_000;
const RETAIN_MS = 6 * 3_600_000;

export interface UpkeepOptions {
  /** Between two sums of hours. */
  readonly sumMs?: number;
  onTrouble?(error: Error): void;
}

/**
 * What a store wants now and then: hourly rows every minute, retention four times a day and a minute after the start, for
 * some are never on for long. Several processes may do it.
 */
export class Upkeep {
  #store: Store;
  #onTrouble: (error: Error) => void;
  #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #retainedAt: number | undefined;

  constructor(store: Store, { sumMs = SUM_MS, onTrouble = () => {} }: UpkeepOptions = {}) {
    this.#store = store;
    this.#onTrouble = onTrouble;
    this.#timer = setInterval(() => {
      // After one that takes long no others stand in line.
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
    }, sumMs).unref();
  }

  /** Ends with what is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#store.hours.sumUp();
      // Of the computer's running time: what it takes for the date may jump.
      const now = performance.now();
      if (this.#retainedAt !== undefined && now - this.#retainedAt < RETAIN_MS) return;
      this.#retainedAt = now;
      await this.#store.retain();
    } catch (error) {
      this.#onTrouble(error as Error);
    }
  }
}
