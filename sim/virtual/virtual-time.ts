import type { Scheduler } from "../world/scheduler";

interface Entry {
  at: number;
  order: number;
  action: (() => void) | undefined;
}

/**
 * A clock that stands still until it is told to run, and then jumps from timer to timer: days in seconds, the same
 * every time. Timers due at the same moment fire in the order in which they were set.
 */
export class VirtualTime implements Scheduler {
  #now = 0;
  #order = 0;
  #heap: Entry[] = [];
  #pending = 0;

  now(): number {
    return this.#now;
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#pending;
  }

  set(action: () => void, delayMs: number): Entry {
    const entry: Entry = { at: this.#now + Math.max(0, delayMs), order: this.#order++, action };
    this.#pending++;
    this.#push(entry);
    return entry;
  }

  clear(timer: unknown): void {
    const entry = timer as Entry | undefined;
    if (!entry?.action) return;
    entry.action = undefined;
    this.#pending--;
  }

  /** Runs everything that is due within `durationMs`, and stands there. */
  run(durationMs: number): void {
    const end = this.#now + durationMs;
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) this.#fire();
    this.#now = end;
  }

  /** Runs until `done`, at most `limitMs`; returns whether it came true. */
  runUntil(done: () => boolean, limitMs: number): boolean {
    const end = this.#now + limitMs;
    while (!done()) {
      const next = this.#heap[0];
      if (!next || next.at > end) {
        this.#now = end;
        return done();
      }
      this.#fire();
    }
    return true;
  }

  #fire(): void {
    const entry = this.#pop();
    const { action } = entry;
    if (!action) return;
    entry.action = undefined;
    this.#pending--;
    this.#now = Math.max(this.#now, entry.at);
    action();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A seeded random generator (mulberry32): `next()` in [0, 1). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }
}
