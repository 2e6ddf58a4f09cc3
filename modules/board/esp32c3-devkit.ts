import { NeoPixelDriver } from "../../led/neopixel-driver";
import type { BoardPins } from "./board";
import { esp32Pins } from "./esp32";

/** ESP32-C3-DevKitM-1 and -DevKitC-02: addressable LED on GPIO 8, BOOT button on GPIO 9. */
export const pins: BoardPins = esp32Pins({
  name: "ESP32-C3-DevKit",
  openLed: () => new NeoPixelDriver({ pin: 8 }),
  button: { pin: 9 },
});
