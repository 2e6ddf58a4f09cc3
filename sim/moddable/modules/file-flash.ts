import { File } from "file";
import type { FlashChip } from "../../sdk/machine";

const ERASED = 0xff;

/** NOR flash in a file, which keeps the chip's bytes as they are; made erased when it is not there. */
export class FileFlash implements FlashChip {
  readonly byteLength: number;
  readonly sectorLength = 4096;
  #file: File;

  constructor(path: string, byteLength: number) {
    this.byteLength = byteLength;
    this.#file = new File(path, true);
    if (this.#file.length !== byteLength) {
      for (let sector = 0; sector < byteLength / this.sectorLength; sector++) this.erase(sector);
    }
  }

  read(offset: number, into: Uint8Array): void {
    this.check(offset, into.length);
    if (into.length === 0) return;
    this.#file.position = offset;
    into.set(new Uint8Array(this.#file.read(ArrayBuffer, into.length)));
  }

  program(offset: number, bytes: Uint8Array): void {
    const cells = new Uint8Array(bytes.length);
    this.read(offset, cells);
    for (let i = 0; i < bytes.length; i++) cells[i]! &= bytes[i]!;
    this.#file.position = offset;
    this.#file.write(cells.buffer);
  }

  erase(sector: number): void {
    const offset = sector * this.sectorLength;
    this.check(offset, this.sectorLength);
    this.#file.position = offset;
    this.#file.write(new Uint8Array(this.sectorLength).fill(ERASED).buffer);
  }

  private check(offset: number, length: number): void {
    if (!(offset >= 0 && offset + length <= this.byteLength)) throw new RangeError("outside the chip");
  }
}
