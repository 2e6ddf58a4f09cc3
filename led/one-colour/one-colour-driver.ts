import PWM from "embedded:io/pwm";
import type { LedDriver, Rgb } from "../led";
import { ONE_COLOUR_PATTERNS } from "./one-colour-patterns";

/** What we use of the SDK's PWM; its typings leave `close` out (modules/io/pwm/esp32/_pwm.js). */
interface Output {
  /** Bits. */
  readonly resolution: number;
  write(duty: number): void;
  close(): void;
}

/** A plain LED between a pin and ground: it shows how strong the light is, and its own patterns in place of colours. */
export class OneColourDriver implements LedDriver {
  readonly patterns = ONE_COLOUR_PATTERNS;
  #output: Output | undefined;

  constructor({ pin }: { readonly pin: number }) {
    this.#output = new PWM({ pin }) as unknown as Output;
    this.write({ r: 0, g: 0, b: 0 });
  }

  write({ r, g, b }: Rgb): void {
    const output = this.#output;
    output?.write(Math.round((Math.max(r, g, b) * ((1 << output.resolution) - 1)) / 255));
  }

  close(): void {
    this.write({ r: 0, g: 0, b: 0 });
    this.#output?.close();
    this.#output = undefined;
  }
}
