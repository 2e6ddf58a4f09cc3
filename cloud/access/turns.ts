/** One after the other for each key, and no more than `most` waiting. */
export class Turns {
  #most: number;
  #byKey = new Map<string, { waiting: number; last: Promise<unknown> }>();

  constructor(most: number) {
    this.#most = most;
  }

  /** `undefined`: too many wait already. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T | undefined> {
    const line = this.#byKey.get(key) ?? { waiting: 0, last: Promise.resolve() };
    if (line.waiting >= this.#most) return undefined;
    this.#byKey.set(key, line);
    line.waiting++;
    const turn = line.last.then(work);
    line.last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      if (--line.waiting === 0) this.#byKey.delete(key);
    }
  }
}
