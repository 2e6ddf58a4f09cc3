/**
 * Which readings are settled: acknowledged, dropped or lost, so never to be read again. Everything below the
 * frontier is, and so are the islands above it; an island grows where a fresh reading went out before the backlog.
 * Who asks `hasRoomFor` first keeps RAM within `maxIslands`.
 */
export class SettledRanges {
  #frontier: number;
  /** first, last, first, last, …: ascending, disjoint and not adjacent, all above the frontier. */
  #islands: number[];
  #maxIslands: number;

  constructor(maxIslands: number, frontier = 1, islands: number[] = []) {
    this.#maxIslands = maxIslands;
    this.#frontier = frontier;
    this.#islands = islands;
  }

  /** The first reading that is not settled, or the next one to come. */
  get frontier(): number {
    return this.#frontier;
  }

  /** Pairs of first and last. */
  get islands(): readonly number[] {
    return this.#islands;
  }

  /** The same with the ranges `opened` (first, last, …; ascending) waiting again. */
  without(opened: readonly number[]): { readonly frontier: number; readonly islands: readonly number[] } {
    if (opened.length === 0) return { frontier: this.#frontier, islands: this.#islands };
    const ranges = this.#frontier > 1 ? [1, this.#frontier - 1, ...this.#islands] : [...this.#islands];
    for (let i = 0; i < opened.length; i += 2) {
      const first = opened[i]!;
      const last = opened[i + 1]!;
      for (let at = 0; at < ranges.length; ) {
        const from = ranges[at]!;
        const to = ranges[at + 1]!;
        const rest: number[] = [];
        if (from < first) rest.push(from, Math.min(to, first - 1));
        if (to > last) rest.push(Math.max(from, last + 1), to);
        ranges.splice(at, 2, ...rest);
        at += rest.length;
      }
    }
    const frontier = ranges[0] === 1 ? ranges[1]! + 1 : 1;
    return { frontier, islands: frontier > 1 ? ranges.slice(2) : ranges };
  }

  /** False: settling `first`…`last` would make one island too many. */
  hasRoomFor(first: number, last: number): boolean {
    const islands = this.#islands;
    if (islands.length < 2 * this.#maxIslands || first <= this.#frontier) return true;
    for (let i = 0; i < islands.length; i += 2)
      if (first <= islands[i + 1]! + 1 && last >= islands[i]! - 1) return true;
    return false;
  }

  /** Settles `first`…`last`, room or not. Returns how many were not settled before. */
  settle(first: number, last: number): number {
    if (last < this.#frontier) return 0;
    const newly = this.countPending(first, last);
    const islands = this.#islands;
    // The islands from `begin` to `end` touch the new range and melt into it.
    let begin = 0;
    while (begin < islands.length && islands[begin + 1]! < first - 1) begin += 2;
    let end = begin;
    while (end < islands.length && islands[end]! <= last + 1) end += 2;
    const from = end > begin ? Math.min(first, islands[begin]!) : first;
    const to = end > begin ? Math.max(last, islands[end - 1]!) : last;
    if (from <= this.#frontier) {
      this.#frontier = to + 1;
      islands.splice(0, end);
    } else islands.splice(begin, end - begin, from, to);
    return newly;
  }

  /** Everything from `first` up to `end` (exclusive: nothing is settled there) waits again. Returns how many were settled. */
  open(first: number, end: number): number {
    const newly = end - first - this.countPending(first, end - 1);
    const islands = this.#islands;
    while (islands.length > 0 && islands.at(-1)! >= first) {
      if (islands[islands.length - 2]! < first) islands[islands.length - 1] = first - 1;
      else islands.length -= 2;
    }
    this.#frontier = Math.min(this.#frontier, first);
    return newly;
  }

  /** The first reading at or after `seq` that is not settled. */
  nextPending(seq: number): number {
    let next = Math.max(seq, this.#frontier);
    for (let i = 0; i < this.#islands.length && this.#islands[i]! <= next; i += 2)
      next = Math.max(next, this.#islands[i + 1]! + 1);
    return next;
  }

  isPending(seq: number): boolean {
    return this.nextPending(seq) === seq;
  }

  /** How many of `first`…`last` are not settled. */
  countPending(first: number, last: number): number {
    const from = Math.max(first, this.#frontier);
    let count = Math.max(0, last - from + 1);
    for (let i = 0; i < this.#islands.length; i += 2)
      count -= Math.max(0, Math.min(last, this.#islands[i + 1]!) - Math.max(from, this.#islands[i]!) + 1);
    return count;
  }
}
