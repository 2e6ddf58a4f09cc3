// The SDK's `neopixel` (modules/drivers/neopixel/esp32): pixels held in wire order, scaled by `brightness` when
// they go out. What went out is kept, for tests.

import { machine } from "./machine";

const RMT_PIXEL_BITS = 24;

export default class NeoPixel {
  /** Open instances, in order of opening. */
  static readonly opened: NeoPixel[] = [];
  readonly pin: number;
  /** Bytes on the wire, one array an `update`; also the dark one that `close` sends. */
  readonly sent: number[][] = [];
  /** 0 to 255. */
  brightness = 0x40;
  #order: string;
  #pixels: number[];

  constructor({ length, pin, order = "GRB" }: { length: number; pin: number; order?: string }) {
    if (!(length > 0)) throw new RangeError("no pixels");
    if (order.length !== RMT_PIXEL_BITS / 8) throw new Error("invalid order");
    this.pin = pin;
    this.#order = order;
    this.#pixels = new Array(length).fill(0);
    NeoPixel.opened.push(this);
  }

  makeRGB(r: number, g: number, b: number): number {
    const channels: Record<string, number> = { R: r & 0xff, G: g & 0xff, B: b & 0xff };
    return [...this.#order].reduce((colour, name) => (colour << 8) | channels[name]!, 0);
  }

  fill(colour: number, index = 0, count = this.#pixels.length): void {
    this.#pixels.fill(colour, index, index + count);
  }

  update(): void {
    const bytes = this.#pixels.flatMap((pixel) =>
      [16, 8, 0].map((shift) => (((pixel >> shift) & 0xff) * this.brightness) >> 8),
    );
    const seen = machine()?.pins;
    // A board that runs for days keeps no book of its light.
    if (seen) seen.pixels(this.pin, bytes);
    else this.sent.push(bytes);
  }

  close(): void {
    const at = NeoPixel.opened.indexOf(this);
    if (at < 0) return;
    NeoPixel.opened.splice(at, 1);
    this.fill(0);
    this.update();
  }
}
