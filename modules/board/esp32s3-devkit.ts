import I2C from "embedded:io/i2c";
import config from "mc/config";
import { NeoPixelDriver } from "../../led/neopixel/neopixel-driver";
import { Sen5x } from "../sensor/sen5x/sen5x";
import type { BoardParts } from "./board-parts";

/** `config.led` of the SDK's esp32s3 target: pin 48. A manifest that sets another goes over it. */
interface LedConfig {
  readonly led?: { readonly pin?: number };
}

/**
 * ESP32-S3-DevKitC-1: addressable LED on GPIO 48 (v1.0) or 38 (v1.1, set `config.led.pin`), BOOT button on GPIO 0.
 */
export const BOARD: BoardParts = Object.freeze(
  {
    name: "ESP32-S3-DevKitC",
    i2c: { data: 4, clock: 5 },
    openLed: () => new NeoPixelDriver({ pin: (config as LedConfig).led?.pin ?? 48 }),
    button: { pin: 0 },
    openSensors: (log) => [new Sen5x({ sensor: { io: I2C as never, ...BOARD.i2c }, log })],
  },
  true,
);
