import Timer from "timer";
import type { Logger } from "../base/logger";

/** Key-value storage, as `embedded:storage/key-value` has it; iterating gives its keys. */
export interface ErasableStore extends Iterable<string> {
  read(key: string): unknown;
  write(key: string, value: string): void;
  /** A missing key is no error. */
  delete(key: string): void;
}

/** A flash partition, as `embedded:storage/flash` has it, not encrypted. */
export interface ErasablePartition {
  read(bytes: Uint8Array, byteOffset: number): unknown;
  write(bytes: Uint8Array, byteOffset: number): void;
  eraseBlock(block: number): void;
  status(): { readonly size: number; readonly blockLength: number };
}

export interface FactoryResetOptions {
  /** The first one has the mark too. All that is found in them goes, also of another release. */
  readonly stores: readonly ErasableStore[];
  /** Keys that stay. */
  readonly survivors: readonly string[];
  readonly partitions: readonly ErasablePartition[];
  readonly board: { restart(reason: string): void };
  readonly log: Logger;
}

/** Key of the mark: a reset has begun, and not all is erased yet. */
export const RESET_MARK = "resetting";

const RETRY_MS = 1_000;
const WINDOW = 256;

/**
 * Forgets the owner. Run by a device at work, it lays down a mark and restarts, so that nothing of the owner is left in
 * RAM; the boot that finds the mark does nothing but run it again: now it erases, takes the mark away last, and restarts.
 *
 * - Every erase is read back. What the flash refuses is told and tried again each second, for as long as it takes: a
 *   device that has not forgotten does not go into other hands as if it had.
 * - After a power cut the next boot goes on. What is erased already costs it a look.
 * - One key store or one block of flash a turn, so that the watchdog is fed.
 */
export class FactoryReset {
  #options: FactoryResetOptions;
  /** Of the stores and then the partitions: what is erased now, and which block of it. */
  #at = -1;
  #block = 0;

  constructor(options: FactoryResetOptions) {
    this.#options = options;
  }

  run(): void {
    const { board, log } = this.#options;
    let pauseMs = 0;
    try {
      if (this.isDone()) return board.restart("factory reset");
    } catch (error) {
      log.error(`factory reset: ${String(error)}; trying again`);
      pauseMs = RETRY_MS;
    }
    Timer.set(() => this.run(), pauseMs);
  }

  /** One step. True: nothing is left to do but to restart. */
  private isDone(): boolean {
    const { stores, survivors, partitions } = this.#options;
    const mark = stores[0]!;
    if (this.#at < 0) {
      const due = mark.read(RESET_MARK) !== undefined;
      if (!due) mark.write(RESET_MARK, "1");
      this.#at = 0;
      return !due;
    }
    const store = stores[this.#at];
    const partition = partitions[this.#at - stores.length];
    if (store) {
      const found = [...store];
      // Otherwise nothing would be erased, and nothing found that is left.
      if (store === mark && !found.includes(RESET_MARK)) throw new Error("keys are not told");
      found.forEach((key) => {
        if (key !== RESET_MARK && !survivors.includes(key)) eraseKey(store, key);
      });
    } else if (!partition) {
      eraseKey(mark, RESET_MARK);
      return true;
    } else if (eraseBlock(partition, this.#block)) {
      this.#block++;
      return false;
    }
    this.#at++;
    this.#block = 0;
    return false;
  }
}

function eraseKey(store: ErasableStore, key: string): void {
  store.delete(key);
  if (store.read(key) !== undefined) throw new Error(`${key} stays`);
}

/** False: there is no such block. */
function eraseBlock(partition: ErasablePartition, block: number): boolean {
  const { size, blockLength } = partition.status();
  const start = block * blockLength;
  if (start >= size) return false;
  const bytes = new Uint8Array(WINDOW);
  const holds = (value: number): boolean => {
    for (let at = 0; at < blockLength; at += WINDOW) {
      partition.read(bytes, start + at);
      for (let i = 0; i < WINDOW; i++) if (bytes[i] !== value) return false;
    }
    return true;
  };
  if (holds(0xff)) return true;
  partition.eraseBlock(block);
  if (holds(0xff)) return true;
  // Worn bits stay cleared; then the others are cleared too, and nothing can be told from them.
  bytes.fill(0);
  for (let at = 0; at < blockLength; at += WINDOW) partition.write(bytes, start + at);
  if (!holds(0)) throw new Error(`flash at ${start} stays`);
  return true;
}
