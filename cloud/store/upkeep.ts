import type { Store } from "./store";

const SUM_MS = 60_000;
const RETAIN_MS = 6 * 3_600_000;

/** What a store wants now and then: hourly rows every minute, retention four times a day. Several processes may do it. */
export class Upkeep {
  #timers: NodeJS.Timeout[];
  #running: Promise<unknown> = Promise.resolve();

  constructor(store: Store, onTrouble: (error: Error) => void = () => {}) {
    const each = (ms: number, task: () => Promise<unknown>): NodeJS.Timeout =>
      setInterval(() => {
        this.#running = this.#running.then(task).catch(onTrouble);
      }, ms).unref();
    this.#timers = [each(SUM_MS, () => store.hours.sumUp()), each(RETAIN_MS, () => store.retain())];
  }

  /** Ends with what is under way. */
  async close(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await this.#running;
  }
}
