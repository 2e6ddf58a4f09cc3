import type { Journal } from "../journal/journal";
import { ReadingBlock } from "./reading-block";

/** The readings `first`…`last` are with the broker link: published and not settled. */
export interface Published {
  readonly first: number;
  readonly last: number;
  /** The journal has other times for them by now: what is on its way is not the last word. */
  isStale?: boolean;
}

/** What of the journal is neither acknowledged nor published already. Only the numbers are in RAM. */
export class Unsent {
  #journal: Pick<Journal, "readInto">;
  #published: Published[] = [];

  constructor(journal: Pick<Journal, "readInto">) {
    this.#journal = journal;
  }

  /** Batches published and not settled. */
  get inFlight(): number {
    return this.#published.length;
  }

  /** The first unsent readings at or after `from` and below `before` with consecutive `seq`, at most `max`. */
  read(from: number, before: number, max: number): ReadingBlock {
    const block = new ReadingBlock(max);
    let start = from;
    while (start < before) {
      block.truncate(0);
      this.#journal.readInto(block, start, max);
      const { first } = block;
      if (first === 0 || first >= before) break;
      const around = this.#published.find((batch) => batch.first <= first && first <= batch.last);
      if (!around) {
        let end = before;
        for (const batch of this.#published) if (batch.first > first && batch.first < end) end = batch.first;
        block.truncate(end - first);
        return block;
      }
      start = around.last + 1;
    }
    block.truncate(0);
    return block;
  }

  /** The journal has other times for what is on its way. */
  spoil(): void {
    for (const batch of this.#published) batch.isStale = true;
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
