import { createHash } from "node:crypto";
import { chooseSlot } from "../../sim/boot/bootloader";
import { OtaData } from "../../sim/boot/ota-data";
import { readSimImage } from "../../sim/boot/sim-image";
import { NorFlash } from "../../sim/device/nor-flash";
import type { Operation } from "../../sim/device/power-line";
import { SeededRandom } from "../../sim/virtual/virtual-time";
import type { VirtualWorld } from "../../sim/virtual/virtual-world";
import { SMALL_BLOCK } from "./small-image";

/** What a cut leaves behind, as far as bootloader and firmware can see it. */
export interface CutClass {
  readonly key: string;
  /** Units of work after which the power goes; each leaves the same behind. */
  readonly units: number[];
}

/**
 * Looks at every place (or every `stride`th) where the power can go while a world runs: at each byte of each operation on slots and otadata, and
 * before each write of NVS, it starts the bootloader on what lies in flash then. Cuts that leave the same behind are of
 * one class: which slot starts, what otadata says of both, which blocks of the new image are whole, and NVS. The
 * journal's own cuts have their own suite (tests/modules/journal/power-cut.test.ts).
 */
export class EveryCut {
  readonly classes = new Map<string, CutClass>();
  /** Places that were looked at. */
  count = 0;
  /** Places after which no image boots, in words. */
  readonly dead: string[] = [];
  #world: VirtualWorld;
  #image: Uint8Array;
  #random: SeededRandom;
  #otadata: NorFlash;
  #bootable = new Map<number, boolean>();
  #blocks = "";
  #stride: number;
  /** A slot that has changed since it was looked at; -1: none. */
  #pending = -1;

  /** `image`: what the second slot gets. */
  constructor(world: VirtualWorld, image: Uint8Array, seed: number, stride = 1) {
    this.#stride = stride;
    this.#world = world;
    this.#image = image;
    this.#random = new SeededRandom(seed);
    this.#otadata = new NorFlash({ byteLength: world.otadata.byteLength });
    world.power.onOperation = (operation) => {
      if (operation.chip !== world.flash) this.#look(operation);
    };
  }

  #look(operation: Operation): void {
    const { chip, at, bytes, length } = operation;
    const first = this.#world.power.worked;
    if (!chip) return this.#note(first, "NVS");
    const { cells } = chip as NorFlash;
    const before = cells.slice(at, at + length);
    const slot = this.#world.slots.indexOf(chip as NorFlash);
    this.#changed(slot);
    const from = this.#random.below(this.#stride);
    for (let i = 0; i < length; i++) {
      const old = before[i]!;
      if (i % this.#stride === from) {
        // The byte at the cut is done in part.
        const part = this.#random.below(256);
        cells[at + i] = bytes ? old & (bytes[i]! | part) : old | part;
        if (slot >= 0) this.#changed(slot);
        this.#note(first + i, `${slot < 0 ? "otadata" : `slot ${slot}`}, byte ${i} of ${length} at ${at}`);
      }
      cells[at + i] = bytes ? old & bytes[i]! : 0xff;
    }
    cells.set(before, at);
    this.#changed(slot);
    // What the operation does is seen at the next one.
    this.#pending = slot;
  }

  #note(unit: number, where: string): void {
    if (this.#pending >= 0) this.#changed(this.#pending);
    this.#pending = -1;
    this.count++;
    this.#otadata.cells.set(this.#world.otadata.cells);
    const otadata = new OtaData(this.#otadata);
    const slot = chooseSlot(otadata, (each) => this.#isBootable(each));
    if (slot === undefined && this.dead.length < 20) this.dead.push(`${where} (unit ${unit})`);
    const key = JSON.stringify([
      slot,
      otadata.stateOf(0),
      otadata.stateOf(1),
      this.#blocksOf(),
      [...this.#world.storage.keyValue("aerolink")],
    ]);
    const known = this.classes.get(key);
    if (known) known.units.push(unit);
    else this.classes.set(key, { key, units: [unit] });
  }

  #changed(slot: number): void {
    if (slot < 0) return;
    this.#bootable.delete(slot);
    this.#blocks = "";
  }

  #isBootable(slot: number): boolean {
    const chip = this.#world.slots[slot]!;
    if (slot === 0 && chip.isFresh) return true;
    let known = this.#bootable.get(slot);
    if (known === undefined) {
      known = readSimImage(chip) !== undefined;
      this.#bootable.set(slot, known);
    }
    return known;
  }

  /** The hash of the first blocks of the second slot, which is the one that the update goes to. */
  #blocksOf(): string {
    const image = this.#image;
    const { cells } = this.#world.slots[1];
    if (this.#blocks === "")
      for (let at = 0; at < image.length; at += SMALL_BLOCK)
        this.#blocks +=
          digest(cells.subarray(at, Math.min(at + SMALL_BLOCK, image.length))) ===
          digest(image.subarray(at, at + SMALL_BLOCK))
            ? "+"
            : "-";
    return this.#blocks;
  }
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64");
