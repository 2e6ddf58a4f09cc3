import type { SlotFlash, SlotState, Slots } from "../../modules/update/slots";
import { PowerCut } from "../power-line";
import type { FlashChip } from "../sdk/machine";
import { isGood, isWhole, OTA_STATES, OtaData, slotOf } from "./ota-data";
import { readSimImage } from "./sim-image";

/** Flash encryption writes blocks of so many bytes. */
const ALIGNMENT = 16;

/** The running image's view of both slots, as esp_ota_ops.c gives it. */
export class SimSlots implements Slots {
  readonly #runningSlot: () => number;
  readonly #otadata: OtaData;
  readonly #chips: readonly FlashChip[];
  readonly #onOpen: () => void;
  readonly #restart: () => void;

  constructor(options: {
    /** Asked when it matters: parts of a board are made before it boots. */
    readonly running: () => number;
    readonly otadata: FlashChip;
    readonly chips: readonly [FlashChip, FlashChip];
    /** The other slot is about to be read or written. */
    onOpen?(): void;
    restart(): void;
  }) {
    this.#runningSlot = options.running;
    this.#otadata = new OtaData(options.otadata);
    this.#chips = options.chips;
    this.#onOpen = options.onOpen ?? (() => {});
    this.#restart = options.restart;
  }

  runningState(): SlotState {
    return this.#otadata.stateOf(this.#runningSlot());
  }

  otherState(): SlotState {
    return this.#otadata.stateOf(this.#other);
  }

  open(): SlotFlash {
    this.#onOpen();
    return openSlot(this.#chips[this.#other]!);
  }

  /** esp_ota_invalidate_inactive_ota_data_slot */
  forget(): boolean {
    return flashTakes(() => {
      const entries = this.#otadata.read();
      const active = this.#otadata.active(entries);
      if (active === undefined) return;
      const sector = active === 0 ? 1 : 0;
      if (isWhole(entries[sector]) && slotOf(entries[sector]) === this.#other) this.#otadata.erase(sector);
    });
  }

  /** esp_ota_set_boot_partition */
  activate(): "ok" | "bad-image" | "flash" {
    this.#onOpen();
    let image: unknown;
    const done = flashTakes(() => {
      image = readSimImage(this.#chips[this.#other]!);
      if (!image) return;
      const entries = this.#otadata.read();
      const active = this.#otadata.active(entries);
      if (active === undefined) this.#otadata.write(0, this.#other + 1, OTA_STATES.new);
      else if (slotOf(entries[active]) === this.#other)
        this.#otadata.write(active, entries[active].seq, OTA_STATES.new);
      else
        this.#otadata.write(
          active === 0 ? 1 : 0,
          OtaData.seqFor(this.#other, entries[active].seq),
          OTA_STATES.new,
        );
    });
    if (!done) return "flash";
    return image ? "ok" : "bad-image";
  }

  /** esp_ota_mark_app_valid_cancel_rollback */
  confirm(): boolean {
    const entries = this.#otadata.read();
    const active = this.#otadata.active(entries);
    if (active === undefined) return false;
    const { seq, state } = entries[active];
    if (state === OTA_STATES.valid) return true;
    return flashTakes(() => this.#otadata.write(active, seq, OTA_STATES.valid));
  }

  /** esp_ota_mark_app_invalid_rollback_and_reboot */
  reject(): boolean {
    const entries = this.#otadata.read();
    const active = this.#otadata.active(entries);
    if (active === undefined) return false;
    const wayBack = entries[active === 0 ? 1 : 0];
    if (!isGood(wayBack) || !this.#isWhole(slotOf(wayBack))) return false;
    if (!flashTakes(() => this.#otadata.write(active, entries[active].seq, OTA_STATES.invalid))) return false;
    this.#restart();
    return true;
  }

  get #other(): number {
    return 1 - this.#runningSlot();
  }

  #isWhole(slot: number): boolean {
    this.#onOpen();
    return readSimImage(this.#chips[slot]!) !== undefined;
  }
}

/** A chip that fails says so; a power cut is nobody's to catch. */
function flashTakes(action: () => void): boolean {
  try {
    action();
    return true;
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
