import { NeoPixelDriver } from "../../led/neopixel-driver";
import type { Board } from "./board";
import { esp32Board } from "./esp32";

/** ESP32-C3-DevKitM-1 and -DevKitC-02: addressable LED on GPIO 8, BOOT button on GPIO 9. */
export const board: Board = esp32Board({
  name: "ESP32-C3-DevKit",
  openLed: () => new NeoPixelDriver({ pin: 8 }),
  button: { pin: 9 },
  sensor: { data: 4, clock: 5 },
});
