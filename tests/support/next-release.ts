import { crc32 } from "../../modules/base/crc32";
import { FlashJournal } from "../../modules/journal/flash-journal";
import { HEADER_BYTES } from "../../modules/journal/sector-header";
import type { NorFlash } from "../../sim/device/nor-flash";
import { Flash } from "../../sim/sdk/flash";
import type { FlashChip } from "../../sim/sdk/machine";

const CRC_AT = HEADER_BYTES - 4;

/**
 * The journal as a release to come has it: format 2 in the sectors that it begins, format 1 read and gone on with.
 * `readers`: the lowest format whose readers understand it; 0: none below 2.
 */
export function openNextRelease(chip: NorFlash, readers = 0): FlashJournal {
  return new FlashJournal({ flash: new Flash(new Format2(chip, readers)), newEpoch: () => 0xabcdef });
}

/** Between that release's journal, which is ours by another number, and the chip. */
class Format2 implements FlashChip {
  readonly byteLength: number;
  readonly sectorLength: number;
  readonly #chip: NorFlash;
  readonly #readers: number;

  constructor(chip: NorFlash, readers: number) {
    this.byteLength = chip.byteLength;
    this.sectorLength = chip.sectorLength;
    this.#chip = chip;
    this.#readers = readers;
  }

  read(offset: number, into: Uint8Array): void {
    this.#chip.read(offset, into);
    if (this.isHeader(offset, into) && into[2] === 2) number(into, 1, 0);
  }

  program(offset: number, bytes: Uint8Array): void {
    const changed = bytes.slice();
    if (this.isHeader(offset, changed)) number(changed, 2, this.#readers);
    this.#chip.program(offset, changed);
  }

  erase(sector: number): void {
    this.#chip.erase(sector);
  }

  private isHeader(offset: number, bytes: Uint8Array): boolean {
    return (
      offset % this.sectorLength === 0 &&
      bytes.length === HEADER_BYTES &&
      bytes[0] === 0x41 &&
      new DataView(bytes.buffer, bytes.byteOffset).getUint32(CRC_AT, true) === crc32(bytes, 0, CRC_AT)
    );
  }
}

function number(header: Uint8Array, format: number, readers: number): void {
  header[2] = format;
  header[3] = readers;
  new DataView(header.buffer, header.byteOffset).setUint32(CRC_AT, crc32(header, 0, CRC_AT), true);
}
