import I2C from "embedded:io/i2c";
import { NeoPixelDriver } from "../../led/neopixel/neopixel-driver";
import { Sen5x } from "../sensor/sen5x/sen5x";
import type { BoardParts } from "./board-parts";

/** ESP32-C3-DevKitM-1 and -DevKitC-02: addressable LED on GPIO 8, BOOT button on GPIO 9. */
export const BOARD: BoardParts = Object.freeze(
  {
    name: "ESP32-C3-DevKit",
    i2c: { data: 4, clock: 5 },
    openLed: () => new NeoPixelDriver({ pin: 8 }),
    button: { pin: 9 },
    openSensors: (log) => [new Sen5x({ sensor: { io: I2C as never, ...BOARD.i2c }, log })],
  },
  true,
);
