import type { Journal } from "../journal/journal";
import { ReadingBlock } from "./reading-block";
import { SetAside } from "./set-aside";

/** The readings `first`…`last` are with the broker link: published and not settled. */
export interface Published {
  readonly first: number;
  readonly last: number;
  /** The journal has other times for them by now: what is on its way is not the last word. */
  isStale?: boolean;
  /** They were set aside before (set-aside.ts): how long they rested, and the broker's closes over them alone. */
  readonly aside: { readonly pauseMs: number; readonly strikes: number } | undefined;
}

/** What of the journal is neither acknowledged nor published already nor set aside. Only the numbers are in RAM. */
export class Unsent {
  readonly aside = new SetAside();
  #journal: Pick<Journal, "readInto">;
  #published: Published[] = [];

  constructor(journal: Pick<Journal, "readInto">) {
    this.#journal = journal;
  }

  /** Batches published and not settled. */
  get inFlight(): number {
    return this.#published.length;
  }

  /** Something that was set aside is published again. */
  get isRetrying(): boolean {
    for (const batch of this.#published) if (batch.aside) return true;
    return false;
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
      const around =
        this.#published.find((batch) => batch.first <= first && first <= batch.last) ??
        this.aside.around(first);
      if (!around) {
        let end = this.aside.endBefore(first, before);
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
