import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { FlashChip } from "../sdk/machine";

/** NOR flash in a file, which is there from the first write on. */
export class FileFlash implements FlashChip {
  readonly byteLength: number;
  readonly sectorLength: number;
  #file: string;
  #fd: number | undefined;

  constructor(file: string, byteLength: number, sectorLength: number) {
    this.byteLength = byteLength;
    this.sectorLength = sectorLength;
    this.#file = file;
    if (existsSync(file) && statSync(file).size === byteLength) this.#fd = openSync(file, "r+");
  }

  get isFresh(): boolean {
    return this.#fd === undefined;
  }

  read(offset: number, into: Uint8Array): void {
    if (this.#fd === undefined) into.fill(0xff);
    else readSync(this.#fd, into, 0, into.length, offset);
  }

  program(offset: number, bytes: Uint8Array): void {
    const before = new Uint8Array(bytes.length);
    this.read(offset, before);
    writeSync(
      this.open(),
      before.map((byte, i) => byte & bytes[i]!),
      0,
      bytes.length,
      offset,
    );
  }

  erase(sector: number): void {
    const blank = new Uint8Array(this.sectorLength).fill(0xff);
    writeSync(this.open(), blank, 0, blank.length, sector * this.sectorLength);
  }

  load(offset: number, bytes: Uint8Array): void {
    writeSync(this.open(), bytes, 0, bytes.length, offset);
  }

  /** As a chip that was soldered in new. */
  blank(): void {
    this.close();
    this.#fd = undefined;
    rmSync(this.#file, { force: true });
  }

  close(): void {
    if (this.#fd === undefined) return;
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }

  private open(): number {
    if (this.#fd === undefined) {
      writeFileSync(this.#file, new Uint8Array(this.byteLength).fill(0xff));
      this.#fd = openSync(this.#file, "r+");
    }
    return this.#fd;
  }
}
