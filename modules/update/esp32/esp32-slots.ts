import FlashStorage from "embedded:storage/flash";
import type { SlotFlash, SlotState, Slots } from "../slots";
import { activate, areTwo, confirm, forget, other, reject, running } from "./slots";

/** slot_state of slots.h, in its order. */
const STATES = Object.freeze([
  "none",
  "new",
  "pending",
  "valid",
  "invalid",
  "aborted",
  "undefined",
] as const satisfies readonly SlotState[]);

/** slots_result of slots.h, in its order. */
const RESULTS = Object.freeze(["ok", "bad-image", "flash"] as const);

/** `undefined`: the partition table has one place for an image only. */
export function openEsp32Slots(): Slots | undefined {
  return areTwo() ? new Esp32Slots() : undefined;
}

class Esp32Slots implements Slots {
  runningState(): SlotState {
    return STATES[running()]!;
  }

  otherState(): SlotState {
    return STATES[other()]!;
  }

  open(): SlotFlash {
    return new Esp32SlotFlash();
  }

  forget(): boolean {
    return forget();
  }

  activate(): "ok" | "bad-image" | "flash" {
    return RESULTS[activate()]!;
  }

  confirm(): boolean {
    return confirm();
  }

  reject(): boolean {
    return reject();
  }
}

/** The slot that does not run, as the SDK's flash storage names it. */
class Esp32SlotFlash implements SlotFlash {
  readonly byteLength: number;
  readonly sectorLength: number;
  #flash = FlashStorage.open({ path: "nextota", mode: "r+" });

  constructor() {
    const { size, blockLength } = this.#flash.status();
    this.byteLength = size;
    this.sectorLength = blockLength;
  }

  read(at: number, into: Uint8Array): void {
    this.#flash.read(into, at);
  }

  write(at: number, bytes: Uint8Array): void {
    this.#flash.write(bytes, at);
  }

  erase(sector: number): void {
    this.#flash.eraseBlock(sector);
  }

  close(): void {
    this.#flash.close();
  }
}
