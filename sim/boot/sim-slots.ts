import { FlashSlots, type FlashSlotsOptions } from "./flash-slots";
import { readSimImage } from "./sim-image";

/** The slots of the simulated board, whose images are bundles. */
export class SimSlots extends FlashSlots {
  constructor(options: Omit<FlashSlotsOptions, "isWhole">) {
    super({
      ...options,
      onOpen: () => options.onOpen?.(),
      isWhole: (chip) => readSimImage(chip) !== undefined,
      restart: () => options.restart(),
    });
  }
}
