import { crc32 } from "../../modules/base/crc32";
import type { SlotState } from "../../modules/update/slots";
import type { FlashChip } from "../sdk/machine";

/**
 * The partition that says which slot starts: an entry at the start of each of two sectors, as the IDF lays it out
 * (esp_ota_select_entry_t) and with its rules (bootloader_common.c, bootloader_common_loader.c, esp_ota_ops.c).
 */
export interface OtaEntry {
  /** Slot and age in one: slot `(seq - 1) % 2`, the higher one is the younger. */
  readonly seq: number;
  readonly state: number;
  readonly crc: number;
}

export const OTA_STATES = {
  new: 0,
  pending: 1,
  valid: 2,
  invalid: 3,
  aborted: 4,
  undefined: 0xffff_ffff,
} as const satisfies Record<Exclude<SlotState, "none">, number>;

export const NO_SEQ = 0xffff_ffff;
const SLOTS = 2;
/** esp_ota_select_entry_t: seq, 20 bytes of label that nobody reads, state, crc. */
const ENTRY_BYTES = 32;
const STATE_AT = 24;
const CRC_AT = 28;

/** Of the sequence number alone. */
const crcOf = (seq: number): number => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, seq, true);
  return crc32(bytes, 0, 4, 0xffff_ffff);
};

export const slotOf = ({ seq }: OtaEntry): number => ((seq - 1) >>> 0) % SLOTS;
export const isWhole = (entry: OtaEntry): boolean => entry.crc === crcOf(entry.seq);

/** Nothing there, or given up: whatever its checksum says. */
export const isOut = ({ seq, state }: OtaEntry): boolean =>
  seq === NO_SEQ || state === OTA_STATES.invalid || state === OTA_STATES.aborted;

export const isGood = (entry: OtaEntry): boolean => !isOut(entry) && isWhole(entry);

/** Neither was ever written, or neither was written whole. */
export const isInitial = (entries: readonly OtaEntry[]): boolean =>
  entries.every((entry) => entry.seq === NO_SEQ || !isWhole(entry));

export class OtaData {
  readonly #chip: FlashChip;

  constructor(chip: FlashChip) {
    this.#chip = chip;
  }

  read(): [OtaEntry, OtaEntry] {
    return [this.#entry(0), this.#entry(1)];
  }

  /** The sector whose entry is in force; undefined: none. */
  active(entries = this.read()): 0 | 1 | undefined {
    const [first, second] = entries;
    if (isGood(first) && isGood(second)) return first.seq >= second.seq ? 0 : 1;
    if (isGood(first)) return 0;
    return isGood(second) ? 1 : undefined;
  }

  /** What the first whole entry for the slot says (esp_ota_get_state_partition). */
  stateOf(slot: number): SlotState {
    const entry = this.read().find((each) => slotOf(each) === slot && isWhole(each));
    if (!entry) return "none";
    const named = Object.entries(OTA_STATES).find(([, code]) => code === entry.state);
    return named ? (named[0] as SlotState) : "undefined";
  }

  /** Erases the sector and writes the entry: between the two there is none. */
  write(sector: 0 | 1, seq: number, state: number, crc = crcOf(seq)): void {
    const bytes = new Uint8Array(ENTRY_BYTES).fill(0xff);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, seq, true);
    view.setUint32(STATE_AT, state, true);
    view.setUint32(CRC_AT, crc, true);
    this.#chip.erase(sector);
    this.#chip.program(sector * this.#chip.sectorLength, bytes);
  }

  erase(sector: 0 | 1): void {
    this.#chip.erase(sector);
  }

  /** The next number that means the slot: at least `seq`. */
  static seqFor(slot: number, seq: number): number {
    let next = (slot + 1) % SLOTS;
    while (next < seq) next += SLOTS;
    return next;
  }

  #entry(sector: 0 | 1): OtaEntry {
    const bytes = new Uint8Array(ENTRY_BYTES);
    this.#chip.read(sector * this.#chip.sectorLength, bytes);
    const view = new DataView(bytes.buffer);
    return {
      seq: view.getUint32(0, true),
      state: view.getUint32(STATE_AT, true),
      crc: view.getUint32(CRC_AT, true),
    };
  }
}
