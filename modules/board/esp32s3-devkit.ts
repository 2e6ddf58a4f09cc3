import config from "mc/config";
import { NeoPixelDriver } from "../../led/neopixel-driver";
import type { Board } from "./board";
import { Esp32Board, type Esp32Pins } from "./esp32";

/** `config.led` of the SDK's esp32s3 target: pin 48. A manifest that sets another goes over it. */
interface LedConfig {
  readonly led?: { readonly pin?: number };
}

/**
 * ESP32-S3-DevKitC-1: addressable LED on GPIO 48 (v1.0) or 38 (v1.1, set `config.led.pin`), BOOT button on GPIO 0.
 */
const PINS: Esp32Pins = Object.freeze(
  {
    name: "ESP32-S3-DevKitC",
    openLed: () => new NeoPixelDriver({ pin: (config as LedConfig).led?.pin ?? 48 }),
    button: { pin: 0 },
    sensor: { data: 4, clock: 5 },
  },
  true,
);

export const openBoard = (): Board => new Esp32Board(PINS);
