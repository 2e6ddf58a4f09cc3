/// <reference path="../../types/reset-reason.d.ts" />
import resetReason from "resetReason";
import Digital from "embedded:io/digital";
import type { LedDriver } from "../../led/led";
import type { BoardPins } from "./board";

/** esp_reset_reason_t (esp_system.h, ESP-IDF 6), in its order. */
const RESET_REASONS = [
  "unknown",
  "power-on",
  "reset pin",
  "restart",
  "panic",
  "interrupt watchdog",
  "task watchdog",
  "other watchdog",
  "deep sleep",
  "brownout",
  "SDIO",
  "USB",
  "JTAG",
  "eFuse error",
  "power glitch",
  "CPU lock-up",
] as const;

export interface Esp32Pins {
  readonly name: string;
  readonly openLed: () => LedDriver;
  /** A button to ground. */
  readonly button: ButtonPin;
}

export interface ButtonPin {
  readonly pin: number;
  /** The board has a resistor, or the pin has none inside (ESP32: GPIO 34 to 39). Default: pulled up inside. */
  readonly externalPullUp?: boolean;
}

/**
 * The parts that every ESP32 board shares: the button's pin, restart, and why the last run ended. Opens the pin:
 * call it from a module that is not preloaded.
 */
export function esp32Pins({ name, openLed, button }: Esp32Pins): BoardPins {
  const pin = new Digital({
    pin: button.pin,
    mode: button.externalPullUp ? Digital.Input : Digital.InputPullUp,
  });
  const { reason } = resetReason();
  return {
    name,
    openLed,
    readButton: () => pin.read() === 0,
    resetReason: RESET_REASONS[reason] ?? `unknown (${reason})`,
    restart: (why) => {
      trace(`restart: ${why}\n`);
      System.restart();
    },
  };
}
