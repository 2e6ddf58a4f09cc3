import { NeoPixelDriver } from "../../led/neopixel-driver";
import type { Board } from "./board";
import { Esp32Board, type Esp32Pins } from "./esp32";

/** M5Stack Atom Lite: SK6812 on GPIO 27, button on GPIO 39, which has no pull-up inside; the board has one. */
const PINS: Esp32Pins = Object.freeze(
  {
    name: "M5Atom Lite",
    openLed: () => new NeoPixelDriver({ pin: 27 }),
    button: { pin: 39, externalPullUp: true },
    sensor: { data: 26, clock: 32 },
  },
  true,
);

export const openBoard = (): Board => new Esp32Board(PINS);
