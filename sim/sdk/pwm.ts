// The SDK's `embedded:io/pwm` as on an ESP32 (modules/io/pwm/esp32/_pwm.c): four channels, a pin once, duty 0 to
// 2^resolution - 1. Duties written are kept, for tests.

import { machine } from "./machine";

const CHANNELS = 4;

interface PwmOptions {
  pin: number;
  hz?: number;
  resolution?: number;
}

export default class PWM {
  /** Open instances by pin. */
  static readonly opened = new Map<number, PWM>();
  readonly pin: number;
  readonly hz: number;
  readonly resolution: number;
  readonly written: number[] = [];

  constructor({ pin, hz = 1024, resolution = 10 }: PwmOptions) {
    if (PWM.opened.has(pin)) throw new Error("in use");
    if (PWM.opened.size === CHANNELS) throw new Error("no ledc channel");
    this.pin = pin;
    this.hz = hz;
    this.resolution = resolution;
    PWM.opened.set(pin, this);
  }

  write(duty: number): void {
    if (PWM.opened.get(this.pin) !== this) throw new Error("closed");
    const value = Math.trunc(duty);
    if (value < 0 || value > (1 << this.resolution) - 1) throw new RangeError("invalid value");
    const seen = machine()?.pins;
    // As with addressable lamps: a board that runs for days keeps no book of its light.
    if (seen) seen.duty(this.pin, value / ((1 << this.resolution) - 1));
    else this.written.push(value);
  }

  close(): void {
    if (PWM.opened.get(this.pin) === this) PWM.opened.delete(this.pin);
  }
}
