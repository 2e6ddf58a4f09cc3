import type { Arrival, Taken } from "../store/intake";
import type { Store } from "../store/store";

/** What one transaction takes at the most. */
const LARGEST = 500;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

export interface GroupCommitOptions {
  readonly store: Pick<Store, "take" | "isRefusal">;
  /** The store fails, and is tried again; told once until it is well again. */
  onTrouble?(error: Error): void;
  onTaken?(taken: Taken, messages: number): void;
}

interface Waiting {
  readonly arrival: Arrival;
  /** As it came, in case the database refuses it. */
  readonly aside: Arrival;
  /** `false`: it has come to nothing. */
  done(isKept: boolean): void;
  /** Does anybody wait for it still? */
  isWanted(): boolean;
}

/**
 * One transaction for all that has come while the one before it was under way. Nothing is told to be kept before COMMIT
 * has returned. While the store fails, everybody waits: the broker keeps what is not acknowledged.
 */
export class GroupCommit {
  #options: GroupCommitOptions;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;
  #isInTrouble = false;
  #wake: (() => void) | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#running ??= this.#run();
  }

  /** Ends with the transaction that is under way. What waits is not acknowledged, and comes again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake?.();
    await this.#running;
    for (const each of this.#waiting.splice(0)) each.done(false);
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    do {
      // Whatever the sockets hold comes first: the embedded store leaves no time to read between two transactions. And
      // `#running` is to be set before it is cleared.
      await new Promise((resolve) => setImmediate(resolve));
      // Those whose connection has gone come again on the next one.
      for (const each of this.#waiting) if (!each.isWanted()) each.done(false);
      this.#waiting = this.#waiting.filter((each) => each.isWanted());
      const group = this.#waiting.slice(0, LARGEST);
      if (this.#isClosed || group.length === 0) break;
      if (await this.#take(group)) {
        pause = FIRST_PAUSE_MS;
        continue;
      }
      await this.#sleep(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    } while (!this.#isClosed && this.#waiting.length > 0);
    this.#running = undefined;
  }

  /** `false`: the store is not there; the group waits. */
  async #take(group: readonly Waiting[]): Promise<boolean> {
    try {
      await this.#write(group, (each) => each.arrival);
      return true;
    } catch (error) {
      if (!this.#options.store.isRefusal(error)) return this.#trouble(error as Error);
    }
    // One of them spoils it: each alone, and that one aside.
    for (const each of group) {
      try {
        await this.#write([each], ({ arrival }) => arrival);
      } catch (error) {
        if (!this.#options.store.isRefusal(error)) return this.#trouble(error as Error);
        try {
          await this.#write([each], ({ aside }) => aside);
        } catch (worse) {
          return this.#trouble(worse as Error);
        }
      }
    }
    return true;
  }

  async #write(group: readonly Waiting[], what: (each: Waiting) => Arrival): Promise<void> {
    const taken = await this.#options.store.take(group.map(what));
    this.#isInTrouble = false;
    this.#options.onTaken?.(taken, group.length);
    const kept = new Set(group);
    this.#waiting = this.#waiting.filter((each) => !kept.has(each));
    for (const each of group) each.done(true);
  }

  #trouble(error: Error): false {
    if (!this.#isInTrouble) this.#options.onTrouble?.(error);
    this.#isInTrouble = true;
    return false;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
