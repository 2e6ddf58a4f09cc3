import { colourAt } from "../../led/patterns";
import type { Rgb } from "../live/protocol";
import type { Sight } from "../world/led-observer";

/** The firmware's gamma (led/patterns.ts): duty is linear light, what CSS names is not. */
const GAMMA = 2.2;
/** Duty at which such an LED is white (FastLED's TypicalSMD5050): the firmware holds green and blue back for it. */
const WHITE = { r: 255, g: 176, b: 240 } as const;

/** The colour as a person sees the LED, 0 to 255 a channel as CSS has them. */
export function seen(duty: Rgb): Rgb {
  const channel = (value: number, white: number): number =>
    Math.round(255 * Math.min(1, value / white) ** (1 / GAMMA));
  return { r: channel(duty.r, WHITE.r), g: channel(duty.g, WHITE.g), b: channel(duty.b, WHITE.b) };
}

export function css({ r, g, b }: Rgb): string {
  return `rgb(${r}, ${g}, ${b})`;
}

/** The light of a pulse at its brightest, for whom it must not move; `undefined` where it does not move anyway. */
export function standing(sight: Sight | undefined): Rgb | undefined {
  const [motion, colour] = sight?.split(" ") ?? [];
  if (motion !== "pulse" || (colour !== "yellow" && colour !== "white" && colour !== "blue"))
    return undefined;
  return seen(colourAt({ colour, motion: "solid" }, 0, 100));
}
