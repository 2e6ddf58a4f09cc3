import { File } from "file";
import type { FlashChip } from "../../sdk/machine";

const ERASED = 0xff;

/** NOR flash in a file, which keeps the chip's bytes as they are; made erased when it is first used. */
export class FileFlash implements FlashChip {
  readonly byteLength: number;
  readonly sectorLength = 4096;
  #path: string;
  #opened: File | undefined;

  constructor(path: string, byteLength: number) {
    this.byteLength = byteLength;
    this.#path = path;
  }

  read(offset: number, into: Uint8Array): void {
    this.check(offset, into.length);
    if (into.length === 0) return;
    const file = this.file();
    file.position = offset;
    into.set(new Uint8Array(file.read(ArrayBuffer, into.length)));
  }

  program(offset: number, bytes: Uint8Array): void {
    const cells = new Uint8Array(bytes.length);
    this.read(offset, cells);
    for (let i = 0; i < bytes.length; i++) cells[i]! &= bytes[i]!;
    const file = this.file();
    file.position = offset;
    file.write(cells.buffer);
  }

  erase(sector: number): void {
    const offset = sector * this.sectorLength;
    this.check(offset, this.sectorLength);
    const file = this.file();
    file.position = offset;
    file.write(new Uint8Array(this.sectorLength).fill(ERASED).buffer);
  }

  private file(): File {
    if (this.#opened) return this.#opened;
    this.#opened = new File(this.#path, true);
    if (this.#opened.length !== this.byteLength)
      for (let sector = 0; sector < this.byteLength / this.sectorLength; sector++) this.erase(sector);
    return this.#opened;
  }

  private check(offset: number, length: number): void {
    if (!(offset >= 0 && offset + length <= this.byteLength)) throw new RangeError("outside the chip");
  }
}
