import type { SignatureCheck } from "../../../modules/signed/crypto";
import type { Slots } from "../../../modules/update/slots";
import { chooseSlot } from "../../boot/bootloader";
import { FlashSlots } from "../../boot/flash-slots";
import { isWholeImage } from "../../boot/image-check";
import { OtaData } from "../../boot/ota-data";
import { requireMachine } from "./machine";

/** What runs is what was linked. */
const LINKED = 0;

/**
 * The two slots in files. All of an update runs here but the new image: the bootloader takes it for one that it cannot
 * load, starts what was linked, and the trial has failed. To be asked once a boot.
 */
export function openFileSlots({ sha256 }: SignatureCheck, restart: () => void): Slots {
  const { storage } = requireMachine();
  const otadata = storage.flash("otadata")!;
  const chips = [storage.flash("ota_0")!, storage.flash("ota_1")!] as const;
  chooseSlot(new OtaData(otadata), (slot) => slot === LINKED);
  return new FlashSlots({
    running: () => LINKED,
    otadata,
    chips,
    isWhole: (chip) => chip === chips[LINKED] || isWholeImage(chip, sha256),
    restart,
  });
}
