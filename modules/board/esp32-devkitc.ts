import I2C from "embedded:io/i2c";
import { RgbPwmDriver } from "../../led/rgb-pwm/rgb-pwm-driver";
import { Sen5x } from "../sensor/sen5x/sen5x";
import type { BoardParts } from "./board-parts";

/** ESP32-DevKitC with an RGB LED on three pins (docs/boards.md) and its BOOT button on GPIO 0. */
export const BOARD: BoardParts = Object.freeze(
  {
    name: "ESP32-DevKitC",
    i2c: { data: 21, clock: 22 },
    openLed: () => new RgbPwmDriver({ red: 25, green: 26, blue: 27 }),
    button: { pin: 0 },
    openSensors: (log) => [new Sen5x({ sensor: { io: I2C as never, ...BOARD.i2c }, log })],
  },
  true,
);
