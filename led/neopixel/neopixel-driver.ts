import NeoPixel from "neopixel";
import type { LedDriver, Rgb } from "../led";

export interface NeoPixelOptions {
  readonly pin: number;
  /** Order of the channels on the wire. WS2812 and SK6812 take green first. */
  readonly order?: "GRB" | "RGB";
  /** Lamps in a row; default 1. */
  readonly length?: number;
}

/** Addressable LEDs (WS2812, SK6812) on a data pin: one light, which all of them show. */
export class NeoPixelDriver implements LedDriver {
  #pixel: NeoPixel | undefined;

  constructor({ pin, order = "GRB", length = 1 }: NeoPixelOptions) {
    this.#pixel = new NeoPixel({ length, pin, order });
    // The SDK's default is 0x40, a quarter; the pattern decides here (modules/drivers/neopixel/esp32).
    this.#pixel.brightness = 255;
  }

  write({ r, g, b }: Rgb): void {
    const pixel = this.#pixel;
    if (!pixel) return;
    pixel.fill(pixel.makeRGB(sent(r), sent(g), sent(b)));
    pixel.update();
  }

  close(): void {
    // The SDK's close clears the pixel before it lets go.
    this.#pixel?.close();
    this.#pixel = undefined;
  }
}

/** The SDK sends `value * 255 >> 8`, which is one less: what is dim loses a channel by it (neopixel.c). */
function sent(value: number): number {
  return value === 0 ? 0 : Math.min(255, value + 1);
}
