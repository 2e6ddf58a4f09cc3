import { chooseSlot } from "../../../sim/boot/bootloader";
import { OtaData } from "../../../sim/boot/ota-data";
import { readSimImage, simImage } from "../../../sim/boot/sim-image";
import { SimSlots } from "../../../sim/boot/sim-slots";
import { NorFlash } from "../../../sim/device/nor-flash";
import { PowerCut, PowerLine } from "../../../sim/device/power-line";
import { seeded } from "../../support/journal-rig";

const SECTOR = 256;

/** A board of two small slots and otadata, flashed by cable with the image "old". */
export class SmallBoard {
  readonly power = new PowerLine();
  readonly otadata: NorFlash;
  readonly chips: readonly [NorFlash, NorFlash];
  running = 0;

  constructor(seed = 1) {
    const random = seeded(seed);
    const chip = (sectors: number): NorFlash =>
      new NorFlash({ byteLength: sectors * SECTOR, sectorLength: SECTOR, power: this.power, random });
    this.otadata = chip(2);
    this.chips = [chip(4), chip(4)];
    this.chips[0].load(0, simImage("old"));
  }

  get slots(): SimSlots {
    return new SimSlots({
      running: () => this.running,
      otadata: this.otadata,
      chips: this.chips,
      restart: () => {},
    });
  }

  /** The text that a reset starts; undefined: the board is dead for good. */
  boot(): string | undefined {
    const text = (slot: number): string | undefined => readSimImage(this.chips[slot]!)?.text.trimEnd();
    const slot = chooseSlot(new OtaData(this.otadata), (each) => text(each) !== undefined);
    if (slot === undefined) return undefined;
    this.running = slot;
    return text(slot);
  }

  /** As after cuts: a bootloader that the power went under tries again. */
  bootAfterAll(): string | undefined {
    this.power.powerOn();
    return this.boot();
  }

  /** Writes the image into the slot that does not run, as a download does. */
  write(text: string): void {
    const { slots } = this;
    if (!slots.forget()) throw new Error("otadata refused");
    const flash = slots.open();
    const image = simImage(text);
    for (let at = 0; at < image.length; at += SECTOR) {
      flash.erase(at / SECTOR);
      flash.write(at, image.subarray(at, at + SECTOR));
    }
    flash.close();
  }

  /** All memories, to come back to. */
  save(): () => void {
    const all = [this.otadata, ...this.chips];
    const cells = all.map((chip) => chip.cells.slice());
    const { running } = this;
    return () => {
      for (const [i, chip] of all.entries()) chip.cells.set(cells[i]!);
      this.running = running;
      this.power.powerOn();
    };
  }
}

/** Cuts `action` at every unit of its work, from the same start each time, and calls `check` after each cut. */
export function cutEverywhere(
  board: SmallBoard,
  action: () => void,
  check: (where: string) => void,
  tear: "in-order" | "scattered" = "in-order",
): number {
  const restore = board.save();
  const before = board.power.worked;
  action();
  const work = board.power.worked - before;
  for (let at = 0; at < work; at++) {
    restore();
    board.power.cutAfter(at, tear);
    try {
      action();
      throw new Error("no cut");
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    check(`cut at ${at} of ${work}`);
  }
  restore();
  return work;
}
