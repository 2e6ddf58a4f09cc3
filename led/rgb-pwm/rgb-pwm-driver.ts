import PWM from "embedded:io/pwm";
import type { LedDriver, Rgb } from "../led";

export interface RgbPwmOptions {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** The three LEDs share their positive side: a pin lights its LED when it is low. */
  readonly commonAnode?: boolean;
}

/** What we use of the SDK's PWM; its typings leave `close` out (modules/io/pwm/esp32/_pwm.js). */
interface Output {
  /** Bits. */
  readonly resolution: number;
  write(duty: number): void;
  close(): void;
}

/**
 * A three-colour LED on three PWM pins. Takes three of the four LEDC channels that the SDK gives out (4 to 7);
 * an ESP32-C3 has channels 0 to 5 only, so a third colour fails there.
 */
export class RgbPwmDriver implements LedDriver {
  #outputs: Output[] = [];
  #commonAnode: boolean;

  constructor({ red, green, blue, commonAnode = false }: RgbPwmOptions) {
    this.#commonAnode = commonAnode;
    try {
      for (const pin of [red, green, blue]) this.#outputs.push(new PWM({ pin }) as unknown as Output);
    } catch (error) {
      this.close();
      throw error;
    }
    this.write({ r: 0, g: 0, b: 0 });
  }

  write({ r, g, b }: Rgb): void {
    const [red, green, blue] = this.#outputs;
    if (red) this.writeDuty(red, r);
    if (green) this.writeDuty(green, g);
    if (blue) this.writeDuty(blue, b);
  }

  close(): void {
    this.write({ r: 0, g: 0, b: 0 });
    for (const output of this.#outputs) output.close();
    this.#outputs = [];
  }

  private writeDuty(output: Output, share: number): void {
    const full = (1 << output.resolution) - 1;
    const duty = Math.round((share * full) / 255);
    output.write(this.#commonAnode ? full - duty : duty);
  }
}
