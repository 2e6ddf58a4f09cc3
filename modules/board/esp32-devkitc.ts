import { RgbPwmDriver } from "../../led/rgb-pwm-driver";
import type { Board } from "./board";
import { Esp32Board, type Esp32Pins } from "./esp32";

/** ESP32-DevKitC with an RGB LED on three pins (docs/boards.md) and its BOOT button on GPIO 0. */
const PINS: Esp32Pins = Object.freeze(
  {
    name: "ESP32-DevKitC",
    openLed: () => new RgbPwmDriver({ red: 25, green: 26, blue: 27 }),
    button: { pin: 0 },
    sensor: { data: 21, clock: 22 },
  },
  true,
);

export const openBoard = (): Board => new Esp32Board(PINS);
