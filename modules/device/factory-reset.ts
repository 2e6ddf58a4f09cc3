import Timer from "timer";
import { type Logger, silentLogger } from "../base/logger";

/** Key-value storage, as `embedded:storage/key-value` has it; iterating gives its keys. */
export interface ErasableStore extends Iterable<string> {
  read(key: string): unknown;
  /** A missing key is no error. */
  delete(key: string): void;
}

export interface StoreErasure {
  readonly store: ErasableStore;
  /** Keys that this firmware writes there; whatever else is found goes as well, from another release say. */
  readonly keys: readonly string[];
  /** Keys that stay. */
  readonly survivors: readonly string[];
}

/** A flash partition, as `embedded:storage/flash` has it, not encrypted. */
export interface ErasablePartition {
  read(bytes: Uint8Array, byteOffset: number): unknown;
  write(bytes: Uint8Array, byteOffset: number): void;
  eraseBlock(block: number): void;
  status(): { readonly size: number; readonly blockLength: number };
}

export interface FactoryResetOptions {
  /** Where the mark is: the settings' storage. */
  readonly mark: {
    read(key: string): unknown;
    write(key: string, value: string): void;
    delete(key: string): void;
  };
  readonly stores: readonly StoreErasure[];
  readonly partitions: readonly ErasablePartition[];
  restart(): void;
  readonly log?: Logger;
}

/** Key of the mark: a reset has begun, and not all is erased yet. */
export const RESET_MARK = "resetting";

const RETRY_MS = 1_000;
const WINDOW = 256;

/** Whether a reset waits to be done. */
export function isResetDue(mark: Pick<FactoryResetOptions["mark"], "read">): boolean {
  try {
    return mark.read(RESET_MARK) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Forgets the owner. `begin` lays down a mark and restarts, so that nothing of the owner is left in RAM; the boot that
 * finds the mark does nothing but `resume`, which erases, takes the mark away last, and restarts.
 *
 * - Every erase is read back. What the flash refuses is told and tried again each second, for as long as it takes: a
 *   device that has not forgotten does not go into other hands as if it had.
 * - After a power cut the next boot goes on. What is erased already costs it a look.
 * - One key store or one block of flash a turn: the watchdog is fed, and the light goes on showing the reset.
 */
export class FactoryReset {
  #options: FactoryResetOptions;
  #log: Logger;
  #mark: FactoryResetOptions["mark"];
  #stores: readonly StoreErasure[] = [];
  #partitions: readonly ErasablePartition[] = [];
  /** Of the stores and then the partitions: what is erased now, and which block of it. */
  #at = 0;
  #block = 0;
  #window = new Uint8Array(WINDOW);

  constructor(options: FactoryResetOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#mark = options.mark;
  }

  begin(): void {
    this.#log.warn("factory reset");
    this.step(() => this.lay());
  }

  resume(): void {
    this.#log.warn("factory reset: erasing");
    this.#stores = this.#options.stores;
    this.#partitions = this.#options.partitions;
    this.step(() => this.eraseNext());
  }

  /** Does `action` until it says that it is done; what it throws is told, and it is tried again. */
  private step(action: () => boolean): void {
    let done = false;
    let pauseMs = 0;
    try {
      done = action();
    } catch (error) {
      this.#log.error(`factory reset: ${String(error)}; trying again`);
      pauseMs = RETRY_MS;
    }
    if (done) this.#options.restart();
    else Timer.set(() => this.step(action), pauseMs);
  }

  private lay(): boolean {
    this.#mark.write(RESET_MARK, "1");
    if (!isResetDue(this.#mark)) throw new Error("the mark was not kept");
    return true;
  }

  /** True: all is erased, and the mark is gone. */
  private eraseNext(): boolean {
    const store = this.#stores[this.#at];
    const partition = this.#partitions[this.#at - this.#stores.length];
    if (store) eraseStore(store);
    else if (partition && this.eraseBlock(partition)) return false;
    else if (!partition) {
      this.#mark.delete(RESET_MARK);
      if (this.#mark.read(RESET_MARK) !== undefined) throw new Error("the mark stays");
      this.#log.info("factory reset: all is erased");
      return true;
    }
    this.#at++;
    this.#block = 0;
    return false;
  }

  /** False: there is no block left. */
  private eraseBlock(partition: ErasablePartition): boolean {
    const { size, blockLength } = partition.status();
    const start = this.#block * blockLength;
    if (start + blockLength > size) return false;
    if (!this.holds(partition, start, blockLength, 0xff)) {
      partition.eraseBlock(this.#block);
      // Worn bits stay cleared; then the others are cleared too, and nothing can be told from them.
      if (!this.holds(partition, start, blockLength, 0xff)) {
        const zeros = new Uint8Array(WINDOW);
        for (let at = 0; at < blockLength; at += WINDOW) partition.write(zeros, start + at);
        if (!this.holds(partition, start, blockLength, 0)) throw new Error(`flash at ${start} is not erased`);
      }
    }
    this.#block++;
    return true;
  }

  private holds(partition: ErasablePartition, start: number, length: number, value: number): boolean {
    const window = this.#window;
    for (let at = 0; at < length; at += WINDOW) {
      partition.read(window, start + at);
      for (let i = 0; i < WINDOW; i++) if (window[i] !== value) return false;
    }
    return true;
  }
}

function eraseStore({ store, keys, survivors }: StoreErasure): void {
  const found = [...keys];
  for (const key of store) if (key !== RESET_MARK && !survivors.includes(key)) found.push(key);
  for (const key of found) {
    store.delete(key);
    if (store.read(key) !== undefined) throw new Error(`${key} is not erased`);
  }
}
