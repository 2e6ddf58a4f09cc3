import type { Status } from "../../modules/device/status";

/** What a person sees of the light. */
export type Sight = "dark" | `${"solid" | "pulse"} ${"yellow" | "white" | "blue" | "other"}`;

/** The application note's table (TSI-168), by what is seen. */
export const SIGHT_OF_STATUS = {
  setup: "pulse yellow",
  joining: "pulse white",
  connecting: "pulse blue",
  online: "solid blue",
  offline: "solid white",
} as const satisfies Record<Status, Sight>;

/** How long one must look to tell a pulse (2 s period) from a steady light. */
export const LOOK_MS = 2_000;

/** Levels that tell a pulse from a light that was changed; the dimmest pulse has six (led/patterns.ts). */
const PULSE_LEVELS = 5;

interface Sample {
  readonly at: number;
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** Watches the light as the firmware drives it, and says what a person would: colour, and whether it pulses. */
export class LedObserver {
  #now: () => number;
  #samples: Sample[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  saw(colour: { r: number; g: number; b: number }): void {
    const at = this.#now();
    this.#samples.push({ at, ...colour });
    // The newest sample from before the window still holds at its start.
    while (this.#samples.length > 1 && this.#samples[1]!.at <= at - LOOK_MS) this.#samples.shift();
  }

  /** What was seen during the last {@link LOOK_MS}; undefined while the colour changed within it. */
  get sight(): Sight | undefined {
    const from = this.#now() - LOOK_MS;
    while (this.#samples.length > 1 && this.#samples[1]!.at <= from) this.#samples.shift();
    const seen = this.#samples;
    const last = seen.at(-1);
    if (!last) return "dark";
    const levels = seen.map(({ r, g, b }) => r + g + b);
    const most = Math.max(...levels);
    if (most === 0) return "dark";
    const colours = new Set(seen.filter((_, i) => levels[i]! > 0).map(colourOf));
    if (colours.size !== 1) return undefined;
    const colour = [...colours][0]!;
    const least = Math.min(...levels);
    if (least === most) return seen[0]!.at <= from ? `solid ${colour}` : undefined;
    // A dim pulse has few levels, and stands on each of them for a while.
    return least < 0.5 * most && new Set(levels).size >= PULSE_LEVELS ? `pulse ${colour}` : undefined;
  }
}

function colourOf({ r, g, b }: Sample): "yellow" | "white" | "blue" | "other" {
  const most = Math.max(r, g, b);
  if (b === most && r < 0.35 * most && g < 0.5 * most) return "blue";
  if (r >= 0.5 * most && b < 0.3 * most && g > 0.2 * most) return "yellow";
  if (Math.min(r, g, b) > 0.4 * most) return "white";
  return "other";
}
