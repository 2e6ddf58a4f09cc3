import { NeoPixelDriver } from "../../led/neopixel-driver";
import type { BoardPins } from "./board";
import { esp32Pins } from "./esp32";

/** M5Stack Atom Lite: SK6812 on GPIO 27, button on GPIO 39, which has no pull-up inside; the board has one. */
export const pins: BoardPins = esp32Pins({
  name: "M5Atom Lite",
  openLed: () => new NeoPixelDriver({ pin: 27 }),
  button: { pin: 39, externalPullUp: true },
});
