import Timer from "timer";

/** An output in the manner of ECMA-419; the class of `embedded:io/digital` fits. */
export interface OutputPin {
  write(level: 0 | 1): void;
}

/** How long the pin is high: AirGradient's firmware holds it so (arduino, src/Main/HardwareWatchdog.cpp). */
const PULSE_MS = 25;

/**
 * The pin of a watchdog outside the chip: a pulse tells it that the machine still runs. It is low between pulses, so that
 * a machine that hangs in one leaves no edge behind that counts as the next.
 */
export class WatchdogPin {
  #pin: OutputPin;
  #pulse: Timer | undefined;

  constructor(pin: OutputPin) {
    this.#pin = pin;
    pin.write(0);
  }

  /** Returns at once: the machine's own turn after {@link PULSE_MS} ends the pulse. */
  feed(): void {
    if (this.#pulse) return;
    this.#pin.write(1);
    this.#pulse = Timer.set(() => {
      this.#pulse = undefined;
      this.#pin.write(0);
    }, PULSE_MS);
  }
}
