import type { SlotFlash, SlotState, Slots } from "../../modules/update/slots";
import { PowerCut } from "../device/power-line";
import type { FlashChip } from "../sdk/machine";
import { isGood, isWhole, NO_SEQ, OTA_STATES, OtaData, slotOf } from "./ota-data";

/** Flash encryption writes blocks of so many bytes. */
const ALIGNMENT = 16;

/** Entries that name the other slot at most, and the running one that has to take over before (slots.c). */
const MAX_TRIES = 4;

export interface FlashSlotsOptions {
  /** Asked when it matters: parts of a board are made before it boots. */
  readonly running: () => number;
  readonly otadata: FlashChip;
  readonly chips: readonly [FlashChip, FlashChip];
  /** What esp_image_verify says of what lies there. */
  isWhole(chip: FlashChip): boolean;
  /** The other slot is about to be read or written. */
  onOpen?(): void;
  restart(): void;
}

/** What modules/update/esp32/slots.c is to the running image, over flash chips: otadata by esp_ota_ops.c, and its guards. */
export class FlashSlots implements Slots {
  readonly #options: FlashSlotsOptions;
  readonly #otadata: OtaData;

  constructor(options: FlashSlotsOptions) {
    this.#options = options;
    this.#otadata = new OtaData(options.otadata);
  }

  runningState(): SlotState {
    return this.#otadata.stateOf(this.#running);
  }

  otherState(): SlotState {
    return this.#otadata.stateOf(this.#other);
  }

  open(): SlotFlash {
    this.#options.onOpen?.();
    return openSlot(this.#options.chips[this.#other]!);
  }

  forget(): boolean {
    if (this.runningState() === "pending") return false;
    return flashTakes(() => {
      for (let tries = 0; this.otherState() !== "none"; tries++) {
        if (tries === MAX_TRIES) return false;
        if (!this.#invalidateInactive() && !this.#startRunning()) return false;
      }
      return true;
    });
  }

  activate(): "ok" | "bad-image" | "flash" {
    if (this.runningState() === "pending") return "flash";
    let isImage = true;
    const isDone = flashTakes(() => {
      if (this.runningState() === "none" && !this.#startRunning()) return false;
      isImage = this.#setBoot(this.#other);
      return isImage;
    });
    if (isDone) return "ok";
    return isImage ? "flash" : "bad-image";
  }

  confirm(): boolean {
    return this.#runningIsNext() && flashTakes(() => this.#markValid());
  }

  reject(): boolean {
    const entries = this.#otadata.read();
    const active = this.#otadata.active(entries);
    if (active === undefined || !this.#runningIsNext()) return false;
    const wayBack = entries[active === 0 ? 1 : 0];
    if (!isGood(wayBack) || !this.#isWhole(slotOf(wayBack))) return false;
    const isDone = flashTakes(() => {
      this.#otadata.write(active, entries[active].seq, OTA_STATES.invalid);
      return true;
    });
    if (isDone) this.#options.restart();
    return isDone;
  }

  get #running(): number {
    return this.#options.running();
  }

  get #other(): number {
    return 1 - this.#running;
  }

  #isWhole(slot: number): boolean {
    this.#options.onOpen?.();
    return this.#options.isWhole(this.#options.chips[slot]!);
  }

  /** esp_ota_get_boot_partition */
  #runningIsNext(): boolean {
    const entries = this.#otadata.read();
    const active = this.#otadata.active(entries);
    return (active === undefined ? 0 : slotOf(entries[active])) === this.#running;
  }

  /** esp_ota_set_boot_partition. False: no image that is whole. */
  #setBoot(slot: number): boolean {
    if (!this.#isWhole(slot)) return false;
    const entries = this.#otadata.read();
    const active = this.#otadata.active(entries);
    if (active === undefined) this.#otadata.write(0, slot + 1, OTA_STATES.new);
    else if (slotOf(entries[active]) === slot)
      this.#otadata.write(active, entries[active].seq, OTA_STATES.new);
    else this.#otadata.write(active === 0 ? 1 : 0, OtaData.seqFor(slot, entries[active].seq), OTA_STATES.new);
    return true;
  }

  /** esp_ota_mark_app_valid_cancel_rollback */
  #markValid(): boolean {
    const entries = this.#otadata.read();
    const active = this.#otadata.active(entries);
    if (active === undefined) return false;
    const { seq, state } = entries[active];
    if (state !== OTA_STATES.valid) this.#otadata.write(active, seq, OTA_STATES.valid);
    return true;
  }

  /** esp_ota_invalidate_inactive_ota_data_slot */
  #invalidateInactive(): boolean {
    const entries = this.#otadata.read();
    const active = this.#otadata.active(entries);
    if (active === undefined) return false;
    const sector = active === 0 ? 1 : 0;
    const inactive = entries[sector];
    if (inactive.seq === NO_SEQ || !isWhole(inactive) || slotOf(inactive) !== this.#other) return false;
    this.#otadata.erase(sector);
    return true;
  }

  #startRunning(): boolean {
    return this.#setBoot(this.#running) && this.#markValid();
  }
}

/** A chip that fails says so; a power cut is nobody's to catch. */
function flashTakes(action: () => boolean): boolean {
  try {
    return action();
  } catch (error) {
    if (error instanceof PowerCut) throw error;
    return false;
  }
}

function openSlot(chip: FlashChip): SlotFlash {
  let open = true;
  const check = (at: number, length: number): void => {
    if (!open) throw new Error("closed");
    if (at % ALIGNMENT !== 0 || length % ALIGNMENT !== 0) throw new RangeError("not on 16 bytes");
  };
  return {
    byteLength: chip.byteLength,
    sectorLength: chip.sectorLength,
    read: (at, into) => {
      check(0, 0);
      chip.read(at, into);
    },
    write: (at, bytes) => {
      check(at, bytes.length);
      chip.program(at, bytes);
    },
    erase: (sector) => {
      check(0, 0);
      chip.erase(sector);
    },
    close: () => {
      open = false;
    },
  };
}
