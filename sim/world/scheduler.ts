/** Time of a simulated world: the process's own, or a virtual one that runs as fast as it can. */
export interface Scheduler {
  /** Milliseconds, monotonic. */
  now(): number;
  set(action: () => void, delayMs: number): unknown;
  clear(timer: unknown): void;
}

export const realTime: Scheduler = {
  now: () => performance.now(),
  set: (action, delayMs) => setTimeout(action, delayMs),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
