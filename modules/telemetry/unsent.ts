import type { Journal } from "../journal/journal";
import type { Reading } from "./reading";

/** The readings `first`…`last` are with the broker link: published and not settled. */
export interface Published {
  readonly first: number;
  readonly last: number;
}

/** What of the journal is neither acknowledged nor published already. Only the numbers are in RAM. */
export class Unsent {
  #journal: Pick<Journal, "read">;
  #published: Published[] = [];

  constructor(journal: Pick<Journal, "read">) {
    this.#journal = journal;
  }

  /** Batches published and not settled. */
  get inFlight(): number {
    return this.#published.length;
  }

  /** The first unsent readings at or after `from` and below `before` with consecutive `seq`, at most `max`. */
  read(from: number, before: number, max: number): Reading[] {
    let start = from;
    while (start < before) {
      const readings = this.#journal.read(start, max);
      const first = readings[0];
      if (!first || first.seq >= before) break;
      const around = this.#published.find((batch) => batch.first <= first.seq && first.seq <= batch.last);
      if (!around) {
        let end = before;
        for (const batch of this.#published)
          if (batch.first > first.seq && batch.first < end) end = batch.first;
        return readings.slice(0, end - first.seq);
      }
      start = around.last + 1;
    }
    return [];
  }

  add(batch: Published): void {
    this.#published.push(batch);
  }

  /** False when it was removed before. */
  remove(batch: Published): boolean {
    const index = this.#published.indexOf(batch);
    if (index < 0) return false;
    this.#published.splice(index, 1);
    return true;
  }
}
