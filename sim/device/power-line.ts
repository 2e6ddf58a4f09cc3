import type { FlashChip } from "../sdk/machine";

/** The power went: whoever sees it is dead. Nothing may catch it but the test or the world that cut the power. */
export class PowerCut extends Error {
  constructor() {
    super("power cut");
  }
}

/** How far the torn operation has come when the power goes. */
export type Tear =
  /** Byte after byte: what comes before the cut is done, the byte at the cut in part, the rest not at all. */
  | "in-order"
  /** Each byte of the operation is done, in part, or not at all, at random. */
  | "scattered";

/** Something that is about to be done to a memory. */
export interface Operation {
  /** Undefined: a write of NVS. */
  readonly chip?: FlashChip;
  readonly at: number;
  /** What is programmed; undefined: `length` bytes are erased. */
  readonly bytes?: Uint8Array;
  /** Its work. */
  readonly length: number;
}

/** The power of all of a board's memories: a planned cut counts what is done to any of them. */
export class PowerLine {
  tear: Tear = "in-order";
  /** Units of work since the power line was made: bytes programmed or erased, and writes of NVS. */
  worked = 0;
  /** Before each operation on any of them, while there is power. */
  onOperation: (operation: Operation) => void = () => {};
  #left: number | undefined;
  #dead = false;

  /** Cuts the power when `units` more have been worked. */
  cutAfter(units: number, tear: Tear = "in-order"): void {
    this.#left = units;
    this.tear = tear;
  }

  /** True after a cut, until `powerOn`. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Ends a cut, or takes a planned one back. */
  powerOn(): void {
    this.#dead = false;
    this.#left = undefined;
  }

  /** @throws PowerCut without power */
  check(): void {
    if (this.#dead) throw new PowerCut();
  }

  /** Asks for power for an operation. Returns how much of it is there; less than `units`: call `die` next. */
  draw(units: number): number {
    const left = this.#left;
    if (left !== undefined && left < units) {
      this.worked += left;
      return left;
    }
    if (left !== undefined) this.#left = left - units;
    this.worked += units;
    return units;
  }

  die(): never {
    this.#dead = true;
    throw new PowerCut();
  }
}
