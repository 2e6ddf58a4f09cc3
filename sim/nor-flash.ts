import type { FlashChip } from "./sdk/machine";

/** The power went: whoever sees it is dead. Nothing may catch it but the test or the world that cut the power. */
export class PowerCut extends Error {
  constructor() {
    super("power cut");
  }
}

/** How far the torn operation has come when the power goes. */
export type Tear =
  /** Byte after byte: what comes before the cut is done, the byte at the cut in part, the rest not at all. */
  | "in-order"
  /** Each byte of the operation is done, in part, or not at all, at random. */
  | "scattered";

export interface NorFlashOptions {
  readonly byteLength: number;
  readonly sectorLength?: number;
  /** 0 to 1; for bits that are caught half way, and for scattered tears. */
  readonly random?: () => number;
}

/**
 * A NOR flash chip: erased bytes are FF, programming only clears bits, erasing is by sector. It counts what is done
 * to it, and its power can be cut at any byte of any operation.
 */
export class NorFlash implements FlashChip {
  readonly byteLength: number;
  readonly sectorLength: number;
  /** What the cells hold; survives a cut. */
  readonly cells: Uint8Array;
  /** Erases of each sector. */
  readonly erases: Uint32Array;
  readonly counts = { reads: 0, readBytes: 0, programs: 0, programmedBytes: 0, erases: 0, unclearedBits: 0 };
  #random: () => number;
  #tear: Tear = "in-order";
  /** Bytes that are still programmed or erased before the cut; undefined: no cut is due. */
  #left: number | undefined;
  #dead = false;

  constructor({ byteLength, sectorLength = 4096, random = Math.random }: NorFlashOptions) {
    if (byteLength % sectorLength !== 0) throw new RangeError("a chip holds whole sectors");
    this.byteLength = byteLength;
    this.sectorLength = sectorLength;
    this.cells = new Uint8Array(byteLength).fill(0xff);
    this.erases = new Uint32Array(byteLength / sectorLength);
    this.#random = random;
  }

  /** Cuts the power when `bytes` more have been programmed or erased; an erase counts each byte of its sector. */
  cutAfter(bytes: number, tear: Tear = "in-order"): void {
    this.#left = bytes;
    this.#tear = tear;
  }

  /** True after a cut, until `powerOn`. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Ends a cut, or takes a planned one back. */
  powerOn(): void {
    this.#dead = false;
    this.#left = undefined;
  }

  read(offset: number, into: Uint8Array): void {
    this.check(offset, into.length);
    this.counts.reads++;
    this.counts.readBytes += into.length;
    into.set(this.cells.subarray(offset, offset + into.length));
  }

  program(offset: number, bytes: Uint8Array): void {
    this.check(offset, bytes.length);
    this.counts.programs++;
    this.counts.programmedBytes += bytes.length;
    this.operate(bytes.length, (i, share) => {
      const before = this.cells[offset + i]!;
      // Only a bug asks for a bit to be set: the chip cannot.
      if ((bytes[i]! & ~before) !== 0) this.counts.unclearedBits++;
      this.cells[offset + i] = before & (bytes[i]! | this.bits(1 - share));
    });
  }

  erase(sector: number): void {
    const start = sector * this.sectorLength;
    this.check(start, this.sectorLength);
    this.counts.erases++;
    this.erases[sector]!++;
    this.operate(this.sectorLength, (i, share) => {
      this.cells[start + i] = this.cells[start + i]! | this.bits(share);
    });
  }

  /** A byte of which each bit is set with probability `share`. */
  private bits(share: number): number {
    if (share === 0 || share === 1) return 0xff * share;
    let byte = 0;
    for (let bit = 1; bit < 256; bit <<= 1) if (this.#random() < share) byte |= bit;
    return byte;
  }

  /** Does an operation of `length` bytes, or the part of it that the power is there for. */
  private operate(length: number, apply: (index: number, share: number) => void): void {
    const left = this.#left;
    if (left === undefined || left >= length) {
      if (left !== undefined) this.#left = left - length;
      for (let i = 0; i < length; i++) apply(i, 1);
      return;
    }
    if (this.#tear === "in-order") {
      for (let i = 0; i < left; i++) apply(i, 1);
      apply(left, 0.5);
    } else for (let i = 0; i < length; i++) apply(i, Math.floor(this.#random() * 3) / 2);
    this.#dead = true;
    throw new PowerCut();
  }

  private check(offset: number, length: number): void {
    if (this.#dead) throw new PowerCut();
    if (!(offset >= 0 && offset + length <= this.byteLength)) throw new RangeError("outside the chip");
  }
}
