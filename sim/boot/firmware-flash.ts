import type { Slots } from "../../modules/update/slots";
import type { FlashChip, MachineStorage } from "../sdk/machine";
import { chooseSlot } from "./bootloader";
import { OtaData } from "./ota-data";
import { readSimImage, simImage } from "./sim-image";
import { SimSlots } from "./sim-slots";

/** What the bootloader starts. */
export interface Booted {
  readonly slot: number;
  readonly text: string;
  /** Of the text; undefined: the factory's image, as it was flashed by cable. */
  readonly hash: string | undefined;
}

/**
 * A board's two slots and otadata. The factory's image is written into the first one when it is first asked for: most
 * boards of the tests never update, and boot what they were given.
 */
export class FirmwareFlash {
  readonly #factory: string;
  readonly #chips: readonly [FlashChip, FlashChip];
  readonly #otadata: FlashChip;

  /** `factory`: the bundle that was flashed by cable. @throws Error for a board without slots */
  constructor(storage: MachineStorage, factory: string) {
    const chip = (path: string): FlashChip => {
      const found = storage.flash(path);
      if (!found) throw new Error(`no partition ${path}`);
      return found;
    };
    this.#factory = factory;
    this.#chips = [chip("ota_0"), chip("ota_1")];
    this.#otadata = chip("otadata");
  }

  /** As after a reset; undefined: no image is whole, and the board resets for ever. */
  boot(): Booted | undefined {
    const slot = chooseSlot(new OtaData(this.#otadata), (each) => this.#image(each) !== undefined);
    return slot === undefined ? undefined : { slot, ...this.#image(slot)! };
  }

  slots(running: () => number, restart: () => void): Slots {
    return new SimSlots({
      running,
      otadata: this.#otadata,
      chips: this.#chips,
      onOpen: () => this.#flashFactory(),
      restart,
    });
  }

  #image(slot: number): { text: string; hash: string | undefined } | undefined {
    const chip = this.#chips[slot]!;
    if (slot === 0 && chip.isFresh) return { text: this.#factory, hash: undefined };
    return readSimImage(chip);
  }

  #flashFactory(): void {
    const [first] = this.#chips;
    if (first.isFresh) first.load!(0, simImage(this.#factory));
  }
}
