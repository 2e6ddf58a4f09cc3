import I2C from "embedded:io/i2c";
import { NeoPixelDriver } from "../../led/neopixel/neopixel-driver";
import { Sen5x } from "../sensor/sen5x/sen5x";
import type { BoardParts } from "./board-parts";

/** M5Stack Atom Lite: SK6812 on GPIO 27, button on GPIO 39, which has no pull-up inside; the board has one. */
export const BOARD: BoardParts = Object.freeze(
  {
    name: "M5Atom Lite",
    i2c: { data: 26, clock: 32 },
    openLed: () => new NeoPixelDriver({ pin: 27 }),
    button: { pin: 39, externalPullUp: true },
    openSensors: (log) => [new Sen5x({ sensor: { io: I2C as never, ...BOARD.i2c }, log })],
  },
  true,
);
