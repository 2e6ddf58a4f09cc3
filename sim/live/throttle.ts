/** So often at most something is told; and so often at least, for the clock's sake. */
const LEAST_MS = 1_000;

/** Tells of changes when it is asked to, and not of what has not changed. */
export class Throttle {
  #tell: () => void;
  #now: () => number;
  #isDue = true;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(tell: () => void, now: () => number = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
  }

  /** Something has changed. */
  mark(): void {
    this.#isDue = true;
  }

  /** To be called ten times a second, and after what a person did. */
  tell(): void {
    const now = this.#now();
    if (!this.#isDue && now - this.#toldMs < LEAST_MS) return;
    this.#isDue = false;
    this.#toldMs = now;
    this.#tell();
  }
}
