import type { Status } from "../modules/device/status";
import type { Rgb } from "./led";

/** How a light looks over time. */
export interface Pattern {
  readonly colour: Colour;
  readonly motion: Motion;
}

/**
 * - `solid`: does not move; needs no timer.
 * - `pulse`: raised cosine over two seconds, never fully dark.
 * - `blink`: even on and off, twice a second. Below three flashes a second, the bound of WCAG 2.3.1.
 * - `flashes`: three short flashes, then a pause: unlike anything that the device shows by itself.
 * - `double`, `glint`, `flicker`: of lights without colours (one-colour/). Two short flashes a second and a half;
 *   one every three seconds; as fast as may be, which is not much.
 */
export type Motion = "solid" | "pulse" | "blink" | "flashes" | "double" | "glint" | "flicker";

/** What a person's finger or a command puts over the status. */
export type Overlay =
  /** The button is held long enough for setup mode. */
  | "hold-setup"
  /** The button is held long enough for a factory reset. */
  | "hold-factory-reset"
  /** "Which one of the devices is it?" */
  | "identify";

/**
 * Share of full duty per channel, linear light. Green and blue are held back as FastLED's `TypicalSMD5050`
 * (255, 176, 240) does: at equal duty such LEDs make a bluish green white, and yellow turns lime.
 */
const COLOURS = Object.freeze(
  {
    yellow: { r: 1, g: 0.6, b: 0 },
    white: { r: 1, g: 0.69, b: 0.94 },
    blue: { r: 0, g: 0, b: 1 },
    red: { r: 1, g: 0, b: 0 },
  } as const satisfies Record<string, Rgb>,
  true,
);

export type Colour = keyof typeof COLOURS;

/** What each status and each overlay looks like. */
export type PatternTable = { readonly [name in Status | Overlay]: Pattern };

/** The LED table of the application note (TSI-168). */
export const STATUS_PATTERNS = Object.freeze(
  {
    setup: { colour: "yellow", motion: "pulse" },
    joining: { colour: "white", motion: "pulse" },
    connecting: { colour: "blue", motion: "pulse" },
    online: { colour: "blue", motion: "solid" },
    offline: { colour: "white", motion: "solid" },
  } as const satisfies Record<Status, Pattern>,
  true,
);

/** Told apart from the table and from each other by motion as well as by colour. */
export const OVERLAY_PATTERNS = Object.freeze(
  {
    "hold-setup": { colour: "yellow", motion: "blink" },
    "hold-factory-reset": { colour: "red", motion: "solid" },
    identify: { colour: "white", motion: "flashes" },
  } as const satisfies Record<Overlay, Pattern>,
  true,
);

const PULSE_MS = 2000;
const BLINK_MS = 500;
const FLICKER_MS = 340;
const FLASHES_MS = 1500;
/** One flash and the gap after it. */
const FLASH_MS = 250;
/** Bottom of the pulse, as a share of its top. */
const PULSE_DEPTH = 0.15;
const GAMMA = 2.2;
/** Lightness of 3 of 255: with less, eight bits cannot keep a colour's shares, and yellow is lime. */
const LEAST_LIGHT = 0.133;
/** Lightness of 8 of 255, the lowest that is set: between it and the least a pulse still has six levels. */
const DIMMEST = 0.208;
/** From this brightness on, percent, lightness is what was set; below it, it goes down to {@link DIMMEST}. */
const TRUE_FROM = 40;

/** Share of the way up from the pattern's bottom, 0 to 1, at `ms` of a clock that both ends of a late frame share. */
const WAVES = Object.freeze(
  {
    solid: () => 1,
    pulse: (ms) => 0.5 * (1 - Math.cos((2 * Math.PI * (ms % PULSE_MS)) / PULSE_MS)),
    blink: (ms) => (ms % BLINK_MS < BLINK_MS / 2 ? 1 : 0),
    flashes: (ms) => flashes(ms % FLASHES_MS, 3),
    double: (ms) => flashes(ms % FLASHES_MS, 2),
    glint: (ms) => flashes(ms % (2 * FLASHES_MS), 1),
    flicker: (ms) => (ms % FLICKER_MS < FLICKER_MS / 2 ? 1 : 0),
  } as const satisfies Record<Motion, (ms: number) => number>,
  true,
);

/** At `ms` of a period that begins with so many. */
function flashes(ms: number, count: number): number {
  return ms < count * FLASH_MS && ms % FLASH_MS < FLASH_MS / 2 ? 1 : 0;
}

/** True when the pattern changes with time. */
export function moves(pattern: Pattern): boolean {
  return pattern.motion !== "solid";
}

/**
 * The light of `pattern` at `ms` (a clock, 0 or more) and `brightness` (percent, 1 to 100). Pure. One cosine and one
 * power a call, 30 calls a second at most: cheaper than the RAM of a table. At every brightness a pulse moves by half
 * its lightness at least, and a colour keeps its hue: whoever dims the light must not read another state from it.
 */
export function colourAt(pattern: Pattern, ms: number, brightness: number): Rgb {
  const top = lightness(brightness);
  const wave = WAVES[pattern.motion](ms);
  const bottom = pattern.motion === "pulse" ? Math.max(LEAST_LIGHT, PULSE_DEPTH * top) : 0;
  const duty = 255 * (bottom + (top - bottom) * wave) ** GAMMA;
  const colour = COLOURS[pattern.colour];
  return { r: channel(duty, colour.r), g: channel(duty, colour.g), b: channel(duty, colour.b) };
}

/** As the eye sees it, 0 to 1. */
function lightness(brightness: number): number {
  if (brightness >= TRUE_FROM) return brightness / 100;
  return DIMMEST + ((TRUE_FROM / 100 - DIMMEST) * (brightness - 1)) / (TRUE_FROM - 1);
}

/** A channel that belongs to the colour never rounds down to dark while there is light at all. */
function channel(duty: number, share: number): number {
  return duty === 0 || share === 0 ? 0 : Math.max(1, Math.round(duty * share));
}
