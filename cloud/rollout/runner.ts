import type { RolloutDesk } from "./desk";

/** A stage is soaked for hours, and a failure stops it within this. */
const LOOK_MS = 15_000;

/** Looks at the rollouts that are under way, in every process that reaches devices: the store says whose turn it is. */
export class RolloutRunner {
  #timer: NodeJS.Timeout;
  #running: Promise<unknown> = Promise.resolve();
  #isLooking = false;

  constructor(desk: Pick<RolloutDesk, "lookAtAll">, onTrouble: (error: Error) => void = () => {}) {
    this.#timer = setInterval(() => {
      if (this.#isLooking) return;
      this.#isLooking = true;
      this.#running = desk
        .lookAtAll()
        .catch(onTrouble)
        .finally(() => {
          this.#isLooking = false;
        });
    }, LOOK_MS).unref();
  }

  /** Ends with what is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
