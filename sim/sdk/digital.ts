// The SDK's `embedded:io/digital` (modules/io/digital/digital.js). A test puts levels on pins with `setLevel`; an
// input that nobody drives reads 1 when it is pulled up, else 0.

import { machine } from "./machine";

interface DigitalOptions {
  pin: number;
  mode: number;
}

export default class Digital {
  static readonly Input = 0;
  static readonly InputPullUp = 1;
  static readonly InputPullDown = 2;
  static readonly InputPullUpDown = 3;
  static readonly Output = 8;
  static readonly OutputOpenDrain = 9;
  static readonly Rising = 1;
  static readonly Falling = 2;

  static readonly #levels = new Map<number, 0 | 1>();
  static readonly #used = new Set<number>();
  readonly pin: number;
  readonly mode: number;
  #open = true;

  /** What the outside world does to `pin`; `undefined`: nothing. */
  static setLevel(pin: number, level: 0 | 1 | undefined): void {
    if (level === undefined) Digital.#levels.delete(pin);
    else Digital.#levels.set(pin, level);
  }

  /** What is on `pin` now, whoever put it there. */
  static levelOf(pin: number): 0 | 1 | undefined {
    return Digital.#levels.get(pin);
  }

  constructor({ pin, mode }: DigitalOptions) {
    if (Digital.#used.has(pin)) throw new Error("in use");
    Digital.#used.add(pin);
    this.pin = pin;
    this.mode = mode;
  }

  read(): 0 | 1 {
    if (!this.#open) throw new Error("closed");
    return Digital.#levels.get(this.pin) ?? (this.mode === Digital.InputPullUp ? 1 : 0);
  }

  write(value: number): void {
    if (!this.#open || this.mode < Digital.Output) throw new Error("not an output");
    Digital.#levels.set(this.pin, value ? 1 : 0);
    machine()?.pins?.digital(this.pin, value ? 1 : 0);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    Digital.#used.delete(this.pin);
  }
}
