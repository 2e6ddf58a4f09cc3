import Timer from "timer";
import type { Hash, SignatureCheck } from "../signed/crypto";
import { toHex } from "../signed/jws";
import { MarkerScan } from "./image-scan";
import { BLOCK_HASH, type Manifest } from "./manifest";
import type { SlotFlash, Slots } from "./slots";

/** Why an image is not in its slot. */
export type SlotFailure =
  /** The running image has not been confirmed: the other slot is the way back. */
  | "on-trial"
  /** The chip or otadata could not be read or written. */
  | "flash"
  /** What came, or what the flash kept of it, is not what was signed. */
  | "bad-block"
  /** All blocks are right, and the whole is not. */
  | "bad-image"
  /** The image says of itself that it is another board's, or another release. */
  | "wrong-image";

export interface SlotWriterOptions {
  readonly slots: Slots;
  readonly signatures: SignatureCheck;
  readonly manifest: Manifest;
  readonly boardId: string;
}

/** Writes to flash that may be encrypted have whole units of this. */
const UNIT = 16;
/** Bytes that lie in RAM on their way into flash, or from it: what divides a sector. */
const PIECE = 1_024;
/** Bytes hashed in one turn: some ten milliseconds on an ESP32. */
const SLICE = 16_384;

/**
 * One image into the slot that does not run. How far it has come is what the flash says: nothing else is kept.
 *
 * - Blocks are looked at one by one, and only a wrong one is written anew: a sector is erased, then programmed in pieces
 *   of {@link PIECE}, since a download lies in the heap beside everything else (docs/benchmarks.md).
 * - Before the first erase otadata forgets the slot; nothing is written while the running image is on trial.
 * - Whatever reads much does so in turns of {@link SLICE}. `close` silences.
 * - A chip that throws ends in "flash".
 */
export class SlotWriter {
  #options: SlotWriterOptions;
  #flash: SlotFlash | undefined;
  #buffer = new Uint8Array(PIECE);
  #filled = 0;
  /** Where the buffer goes. */
  #at = 0;
  #hash: Hash | undefined;
  #mayErase = false;
  #turn: Timer | undefined;

  constructor(options: SlotWriterOptions) {
    this.#options = options;
    this.#flash = options.slots.open();
  }

  get blockCount(): number {
    const { size, block } = this.#options.manifest;
    return Math.ceil(size / block);
  }

  /** Bytes that the piece under way still takes. */
  get room(): number {
    return this.#buffer.length - this.#filled;
  }

  /** Tells whether block `index` lies in flash as it was signed. */
  check(index: number, done: (isRight: boolean | "flash") => void): void {
    const { from, end } = this.rangeOf(index);
    this.read(from, end, undefined, (digest) => done(digest ? this.isBlock(index, digest) : "flash"));
  }

  /** First byte of a block, and the one after its last. */
  rangeOf(index: number): { readonly from: number; readonly end: number } {
    const { size, block } = this.#options.manifest;
    return { from: index * block, end: Math.min((index + 1) * block, size) };
  }

  /** Block `index` is coming from its first byte on. Why it cannot be written, if so. */
  begin(index: number): SlotFailure | undefined {
    const { slots, signatures } = this.#options;
    if (!this.#mayErase) {
      if (isOnTrial(slots)) return "on-trial";
      if (!attempt(() => slots.forget())) return "flash";
      this.#mayErase = true;
    }
    this.#at = this.rangeOf(index).from;
    this.#filled = 0;
    this.#hash = signatures.sha256();
    return undefined;
  }

  /** Bytes of the block, at most {@link room}. A piece that is full goes into flash at once. */
  take(bytes: Uint8Array): SlotFailure | undefined {
    this.#hash!.update(bytes);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
    return this.#filled < this.#buffer.length ? undefined : this.flush();
  }

  /** The block has come whole. */
  end(index: number): SlotFailure | undefined {
    const failure = this.flush();
    const digest = this.#hash!.digest();
    this.#hash = undefined;
    return failure ?? (this.isBlock(index, digest) ? undefined : "bad-block");
  }

  /** Reads the whole image back. `undefined`: it is what was signed, and for this board. */
  verify(done: (failure: SlotFailure | undefined) => void): void {
    const { manifest, boardId } = this.#options;
    const scan = new MarkerScan();
    this.read(0, manifest.size, scan, (digest) => {
      if (!digest) done("flash");
      else if (toHex(digest) !== manifest.sha256) done("bad-image");
      else {
        const { board, release } = scan.found ?? {};
        done(board === boardId && release === manifest.release ? undefined : "wrong-image");
      }
    });
  }

  /** Idempotent. */
  close(): void {
    Timer.clear(this.#turn);
    this.#turn = undefined;
    this.#flash?.close();
    this.#flash = undefined;
  }

  /** A piece, or what there is of the last one, padded with what erased flash has. A sector is erased before its first. */
  private flush(): SlotFailure | undefined {
    if (this.#filled === 0) return undefined;
    const length = Math.ceil(this.#filled / UNIT) * UNIT;
    this.#buffer.fill(0xff, this.#filled, length);
    const flash = this.#flash!;
    const isWritten = attempt(() => {
      if (this.#at % flash.sectorLength === 0) flash.erase(this.#at / flash.sectorLength);
      flash.write(this.#at, this.#buffer.subarray(0, length));
      return true;
    });
    this.#at += this.#filled;
    this.#filled = 0;
    return isWritten ? undefined : "flash";
  }

  private isBlock(index: number, digest: Uint8Array): boolean {
    const { blocks } = this.#options.manifest;
    for (let i = 0; i < BLOCK_HASH; i++) if (blocks[index * BLOCK_HASH + i] !== digest[i]) return false;
    return true;
  }

  /** Hashes what lies in flash. `done` never runs inside the call; without a digest the chip has failed. */
  private read(
    from: number,
    end: number,
    scan: MarkerScan | undefined,
    done: (digest: Uint8Array | undefined) => void,
  ): void {
    const hash = this.#options.signatures.sha256();
    let at = from;
    const step = (): void => {
      this.#turn = undefined;
      const until = Math.min(at + SLICE, end);
      const isRead = attempt(() => {
        for (; at < until; at += this.#buffer.length) {
          const window = this.#buffer.subarray(0, Math.min(this.#buffer.length, end - at));
          this.#flash!.read(at, window);
          hash.update(window);
          scan?.take(window, at, (start, into) => this.#flash!.read(start, into.subarray(0, end - start)));
        }
        return true;
      });
      if (!isRead) done(undefined);
      else if (at >= end) done(hash.digest());
      else this.#turn = Timer.set(step, 0);
    };
    this.#turn = Timer.set(step, 0);
  }
}

/** Also while it has not booted far enough to be anything else. */
export function isOnTrial(slots: Slots): boolean {
  const state = slots.runningState();
  return state === "pending" || state === "new";
}

/** False also for what throws. */
function attempt(action: () => boolean): boolean {
  try {
    return action();
  } catch {
    return false;
  }
}
