import { RgbPwmDriver } from "../../led/rgb-pwm-driver";
import type { BoardPins } from "./board";
import { esp32Pins } from "./esp32";

/** ESP32-DevKitC with an RGB LED on three pins (docs/boards.md) and its BOOT button on GPIO 0. */
export const pins: BoardPins = esp32Pins({
  name: "ESP32-DevKitC",
  openLed: () => new RgbPwmDriver({ red: 25, green: 26, blue: 27 }),
  button: { pin: 0 },
});
