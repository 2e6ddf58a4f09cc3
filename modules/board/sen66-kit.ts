import I2C from "embedded:io/i2c";
import { NeoPixelDriver } from "../../led/neopixel/neopixel-driver";
import { Sen6x } from "../sensor/sen6x/sen6x";
import type { BoardParts } from "./board-parts";

/** The simplest monitor to build: a Sensirion SEN66 on an ESP32-C3-DevKitM-1 or -DevKitC-02, four wires (docs/boards.md). */
export const BOARD: BoardParts = Object.freeze(
  {
    name: "SEN66 kit",
    i2c: { data: 4, clock: 5 },
    openLed: () => new NeoPixelDriver({ pin: 8 }),
    button: { pin: 9 },
    openSensors: (log, settings) => [
      new Sen6x({ sensor: { io: I2C as never, ...BOARD.i2c }, log, settings }),
    ],
  },
  true,
);
