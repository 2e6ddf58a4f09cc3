import { createHash } from "node:crypto";
import type { SlotFlash, SlotState, Slots } from "../../modules/update/slots";
import { NorFlash } from "../../sim/device/nor-flash";

/** The slot that does not run, on a chip of its own, and what was asked of the two. */
export class MemorySlots implements Slots {
  readonly chip: NorFlash;
  readonly calls: string[] = [];
  running: SlotState = "valid";
  other: SlotState = "none";
  /** What activate answers. */
  activation: "ok" | "bad-image" | "flash" = "ok";
  /** Whether confirm, forget and reject work. */
  works = true;

  constructor(byteLength = 65_536) {
    this.chip = new NorFlash({ byteLength });
  }

  /** SHA-256 of the first `size` bytes of the slot. */
  hash(size: number): string {
    return createHash("sha256").update(this.chip.cells.subarray(0, size)).digest("hex");
  }

  runningState(): SlotState {
    return this.running;
  }

  otherState(): SlotState {
    return this.other;
  }

  open(): SlotFlash {
    const { chip } = this;
    return {
      byteLength: chip.byteLength,
      sectorLength: chip.sectorLength,
      read: (at, into) => chip.read(at, into),
      write: (at, bytes) => {
        if (at % 16 !== 0 || bytes.length % 16 !== 0) throw new RangeError("not whole units");
        chip.program(at, bytes);
      },
      erase: (sector) => chip.erase(sector),
      close: () => this.calls.push("close"),
    };
  }

  forget(): boolean {
    this.calls.push("forget");
    if (this.works) this.other = "invalid";
    return this.works;
  }

  activate(): "ok" | "bad-image" | "flash" {
    this.calls.push("activate");
    if (this.activation === "ok") this.other = "new";
    return this.activation;
  }

  confirm(): boolean {
    this.calls.push("confirm");
    if (this.works) this.running = "valid";
    return this.works;
  }

  reject(): boolean {
    this.calls.push("reject");
    return this.works;
  }
}

/** An image of `length` bytes with a marker in it at `markerAt`. */
export function sampleImage(
  length: number,
  {
    board = "simulator",
    release = 12,
    markerAt = 100,
  }: { board?: string; release?: number; markerAt?: number } = {},
): Uint8Array {
  const image = Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff);
  image.set(new TextEncoder().encode('AEROLINK-IMAGE$"AEROLINK-IMAGE{"'), 20);
  const marker = JSON.stringify({ v: 1, board, release, version: "0.3.0" });
  image.set(new TextEncoder().encode(`AEROLINK-IMAGE${marker}`), markerAt);
  return image;
}
