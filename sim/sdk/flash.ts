// The SDK's `embedded:storage/flash` on ESP32 (modules/io/flash/esp32), over the machine's flash chips.
import { type FlashChip, requireMachine } from "./machine";

export class Flash {
  #chip: FlashChip | undefined;
  #readOnly: boolean;

  constructor(chip: FlashChip, readOnly = false) {
    this.#chip = chip;
    this.#readOnly = readOnly;
  }

  read(buffer: number | ArrayBuffer | Uint8Array, byteOffset: number): ArrayBuffer | number {
    const chip = this.chip();
    if (typeof buffer === "number") {
      const bytes = new Uint8Array(buffer);
      chip.read(byteOffset, bytes);
      return bytes.buffer;
    }
    const bytes = buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
    chip.read(byteOffset, bytes);
    return bytes.length;
  }

  write(buffer: ArrayBuffer | Uint8Array, byteOffset: number): void {
    const chip = this.writable();
    chip.program(byteOffset, buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer));
  }

  eraseBlock(start: number, end = start + 1): void {
    const chip = this.writable();
    for (let sector = start; sector < end; sector++) chip.erase(sector);
  }

  status(): { size: number; blockLength: number; blocks: number } {
    const { byteLength, sectorLength } = this.chip();
    return { size: byteLength, blockLength: sectorLength, blocks: byteLength / sectorLength };
  }

  get format(): "buffer" {
    return "buffer";
  }

  close(): void {
    this.#chip = undefined;
  }

  private chip(): FlashChip {
    if (!this.#chip) throw new Error("closed");
    return this.#chip;
  }

  private writable(): FlashChip {
    if (this.#readOnly) throw new Error("read-only");
    return this.chip();
  }
}

export default {
  open({ path, mode = "r+" }: { path: string; mode?: "r" | "r+" }): Flash {
    const chip = requireMachine().storage.flash(path);
    if (!chip) throw new Error("can't find partition");
    if (mode !== "r" && mode !== "r+") throw new Error("invalid mode");
    return new Flash(chip, mode === "r");
  },
};
