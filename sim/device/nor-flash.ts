import type { FlashChip } from "../sdk/machine";
import { PowerLine, type Tear } from "./power-line";

export { PowerCut, type Tear } from "./power-line";

export interface NorFlashOptions {
  readonly byteLength: number;
  readonly sectorLength?: number;
  /** 0 to 1; for bits that are caught half way, and for scattered tears. */
  readonly random?: () => number;
  /** Shared with the board's other memories; default: a line of its own. */
  readonly power?: PowerLine;
}

/**
 * A NOR flash chip: erased bytes are FF, programming only clears bits, erasing is by sector. It counts what is done
 * to it, and its power can be cut at any byte of any operation.
 */
export class NorFlash implements FlashChip {
  readonly byteLength: number;
  readonly sectorLength: number;
  /** Erases of each sector. */
  readonly erases: Uint32Array;
  readonly counts = { reads: 0, readBytes: 0, programs: 0, programmedBytes: 0, erases: 0, unclearedBits: 0 };
  readonly power: PowerLine;
  #random: () => number;
  #cells: Uint8Array | undefined;

  constructor(options: NorFlashOptions) {
    const { byteLength, sectorLength = 4096, random = Math.random, power = new PowerLine() } = options;
    if (byteLength % sectorLength !== 0) throw new RangeError("a chip holds whole sectors");
    this.byteLength = byteLength;
    this.sectorLength = sectorLength;
    this.erases = new Uint32Array(byteLength / sectorLength);
    this.#random = random;
    this.power = power;
  }

  /** What the cells hold; survives a cut. */
  get cells(): Uint8Array {
    this.#cells ??= new Uint8Array(this.byteLength).fill(0xff);
    return this.#cells;
  }

  /** Nothing was ever written to it. */
  get isFresh(): boolean {
    return this.#cells === undefined;
  }

  /** Another chip of the same kind in its place, fresh from the reel. */
  renew(): void {
    this.#cells = undefined;
  }

  /** As the factory does, by cable: power cuts know nothing of it. */
  load(offset: number, bytes: Uint8Array): void {
    this.cells.set(bytes, offset);
  }

  /** Cuts the power when `bytes` more have been programmed or erased; an erase counts each byte of its sector. */
  cutAfter(bytes: number, tear: Tear = "in-order"): void {
    this.power.cutAfter(bytes, tear);
  }

  /** True after a cut, until `powerOn`. */
  get dead(): boolean {
    return this.power.dead;
  }

  /** Ends a cut, or takes a planned one back. */
  powerOn(): void {
    this.power.powerOn();
  }

  read(offset: number, into: Uint8Array): void {
    this.check(offset, into.length);
    this.counts.reads++;
    this.counts.readBytes += into.length;
    if (this.isFresh) into.fill(0xff);
    else into.set(this.cells.subarray(offset, offset + into.length));
  }

  program(offset: number, bytes: Uint8Array): void {
    this.check(offset, bytes.length);
    this.counts.programs++;
    this.counts.programmedBytes += bytes.length;
    const { cells } = this;
    this.power.onOperation({ chip: this, at: offset, bytes, length: bytes.length });
    const done = this.power.draw(bytes.length);
    const whole = done === bytes.length ? done : this.wholeBytes(done);
    for (let i = 0; i < whole; i++) {
      const before = cells[offset + i]!;
      // Only a bug asks for a bit to be set: the chip cannot.
      if ((bytes[i]! & ~before) !== 0) this.counts.unclearedBits++;
      cells[offset + i] = before & bytes[i]!;
    }
    if (done === bytes.length) return;
    this.tear(done, bytes.length, (i, share) => {
      cells[offset + i] = cells[offset + i]! & (bytes[i]! | this.bits(1 - share));
    });
  }

  erase(sector: number): void {
    const start = sector * this.sectorLength;
    this.check(start, this.sectorLength);
    this.counts.erases++;
    this.erases[sector]!++;
    const { cells, sectorLength } = this;
    this.power.onOperation({ chip: this, at: start, length: sectorLength });
    const done = this.power.draw(sectorLength);
    const whole = done === sectorLength ? done : this.wholeBytes(done);
    cells.fill(0xff, start, start + whole);
    if (done === sectorLength) return;
    this.tear(done, sectorLength, (i, share) => {
      cells[start + i] = cells[start + i]! | this.bits(share);
    });
  }

  /** Of the `done` bytes that power is left for, those that are surely done. */
  private wholeBytes(done: number): number {
    return this.power.tear === "in-order" ? done : 0;
  }

  /** The bytes of an operation of `length` that the power went in. */
  private tear(done: number, length: number, apply: (index: number, share: number) => void): never {
    if (this.power.tear === "in-order") apply(done, 0.5);
    else for (let i = 0; i < length; i++) apply(i, Math.floor(this.#random() * 3) / 2);
    this.power.die();
  }

  /** A byte of which each bit is set with probability `share`. */
  private bits(share: number): number {
    if (share === 0 || share === 1) return 0xff * share;
    let byte = 0;
    for (let bit = 1; bit < 256; bit <<= 1) if (this.#random() < share) byte |= bit;
    return byte;
  }

  private check(offset: number, length: number): void {
    this.power.check();
    if (!(offset >= 0 && offset + length <= this.byteLength)) throw new RangeError("outside the chip");
  }
}
