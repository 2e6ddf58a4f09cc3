import { chooseSlot } from "../../../sim/boot/bootloader";
import { FlashSlots } from "../../../sim/boot/flash-slots";
import { OtaData } from "../../../sim/boot/ota-data";
import { NorFlash } from "../../../sim/device/nor-flash";

const SECTOR = 256;
const chip = (): NorFlash => new NorFlash({ byteLength: 2 * SECTOR, sectorLength: SECTOR });
const yes = (is: boolean): string => (is ? "yes" : "no");

/** What the simulated board answers to a story of slots-driver.c, without what happens to its flash. */
export function tellSimulated(story: string): string {
  const otadata = chip();
  const chips = [chip(), chip()] as const;
  const whole = [true, false];
  let running = 0;
  let hasRestarted = false;
  const slots = new FlashSlots({
    ...{ running: () => running, otadata, chips },
    isWhole: (each) => whole[chips.indexOf(each as NorFlash)]!,
    restart: () => {
      hasRestarted = true;
    },
  });
  const put = (slot: number, isWhole: boolean): undefined => {
    whole[slot] = isWhole;
  };
  const act: Record<string, () => string | undefined> = {
    good: () => put(1 - running, true),
    torn: () => put(1 - running, false),
    spoilt: () => put(running, false),
    boot: () => {
      const slot = chooseSlot(new OtaData(otadata), (each) => whole[each]!);
      running = slot ?? running;
      return String(slot ?? -1);
    },
    states: () => `${slots.runningState()},${slots.otherState()}`,
    forget: () => yes(slots.forget()),
    activate: () => slots.activate(),
    confirm: () => yes(slots.confirm()),
    reject: () => {
      hasRestarted = false;
      return slots.reject() && hasRestarted ? "restart" : "no";
    },
  };
  const answers = story
    .split(" ")
    .slice(1)
    .map((word) => act[word]!());
  return answers.filter((answer) => answer !== undefined).join(" ");
}
