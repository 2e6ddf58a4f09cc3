import { NeoPixelDriver } from "../../led/neopixel-driver";
import type { Board } from "./board";
import { Esp32Board, type Esp32Pins } from "./esp32";

/** ESP32-C3-DevKitM-1 and -DevKitC-02: addressable LED on GPIO 8, BOOT button on GPIO 9. */
const PINS: Esp32Pins = Object.freeze(
  {
    name: "ESP32-C3-DevKit",
    openLed: () => new NeoPixelDriver({ pin: 8 }),
    button: { pin: 9 },
    sensor: { data: 4, clock: 5 },
  },
  true,
);

export const openBoard = (): Board => new Esp32Board(PINS);
