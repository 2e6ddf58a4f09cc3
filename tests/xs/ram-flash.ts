export const SECTOR_BYTES = 512;

/** NOR flash in RAM. After `cutAt` bytes more it takes nothing: the power is gone. */
export class RamFlash {
  readonly cells: Uint8Array;
  cutAt = Number.POSITIVE_INFINITY;

  constructor(cells: Uint8Array) {
    this.cells = cells;
  }

  read(into: Uint8Array, byteOffset: number): void {
    into.set(this.cells.subarray(byteOffset, byteOffset + into.length));
  }

  write(bytes: Uint8Array, byteOffset: number): void {
    for (let i = 0; i < bytes.length; i++) {
      this.spend();
      this.cells[byteOffset + i]! &= bytes[i]!;
    }
  }

  eraseBlock(block: number): void {
    for (let i = 0; i < SECTOR_BYTES; i++) {
      this.spend();
      this.cells[block * SECTOR_BYTES + i] = 0xff;
    }
  }

  status() {
    return { size: this.cells.length, blockLength: SECTOR_BYTES };
  }

  close(): void {}

  private spend(): void {
    if (--this.cutAt < 0) throw new Error("power cut");
  }
}
