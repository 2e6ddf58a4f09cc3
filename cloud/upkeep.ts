import type { Store } from "./store/store";

export interface UpkeepOptions {
  readonly store: Pick<Store, "retain"> & { readonly hours: Pick<Store["hours"], "sumUp"> };
  onTrouble(error: Error): void;
}

const MINUTE_MS = 60_000;
/** Rounds of {@link Upkeep} from one retention to the next. */
const RETAIN_EACH = 60;

/** What the store wants done from time to time: hourly rows each minute, retention each hour. */
export class Upkeep {
  #options: UpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #rounds = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.round(), MINUTE_MS);
    this.#timer.unref();
  }

  /** One after the other: on a slow disk a round may take longer than a minute. */
  round(): Promise<void> {
    this.#running = this.#running.then(() => this.#round());
    return this.#running;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #round(): Promise<void> {
    const { store, onTrouble } = this.#options;
    try {
      await store.hours.sumUp();
      if (this.#rounds++ % RETAIN_EACH === 0) await store.retain();
    } catch (error) {
      onTrouble(error as Error);
    }
  }
}
