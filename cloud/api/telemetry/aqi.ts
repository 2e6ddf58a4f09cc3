// The Air Quality Index of the US EPA: breakpoints of 40 CFR part 58, appendix G, as amended on 6 May 2024 (89 FR 16202),
// over the averages that they are defined for: 24 hours.

import { QUANTITIES } from "../../payload/quantities";
import type { AverageRow } from "../../store/hours";

export type AqiQuantity = "pm2_5" | "pm10";

/** Concentration from, to; index from, to. A concentration is cut to the step, not rounded. */
const BREAKPOINTS = {
  pm2_5: {
    step: 0.1,
    bands: [
      [0, 9, 0, 50],
      [9.1, 35.4, 51, 100],
      [35.5, 55.4, 101, 150],
      [55.5, 125.4, 151, 200],
      [125.5, 225.4, 201, 300],
      [225.5, 325.4, 301, 500],
    ],
  },
  pm10: {
    step: 1,
    bands: [
      [0, 54, 0, 50],
      [55, 154, 51, 100],
      [155, 254, 101, 150],
      [255, 354, 151, 200],
      [355, 424, 201, 300],
      [425, 604, 301, 500],
    ],
  },
} as const;

/** Of an average of 24 hours. Above the last band its slope goes on. */
export function aqi(quantity: AqiQuantity, concentration: number): number {
  const { step, bands } = BREAKPOINTS[quantity];
  // 9.1 / 0.1 is 90.99999999999999: what is a step's hundredth below one is that one.
  const cut = Math.floor(Math.max(concentration, 0) / step + 0.001) * step;
  const [low, high, from, to] = bands.find((band) => cut < band[1] + step / 2) ?? bands.at(-1)!;
  return Math.round(((to - from) / (high - low)) * (cut - low) + from);
}

const HOUR = 3_600;
const HOURS = 24;
/** Three quarters of them, as EPA wants of a day (40 CFR part 50, appendix N). */
const HOURS_NEEDED = 18;

/** The index at a time: of the means of the 24 whole hours before the hour that it falls into. */
export class AqiOfDay {
  #means = new Map<number, readonly (number | null)[]>();
  #found = { pm2_5: new Map<number, number | null>(), pm10: new Map<number, number | null>() };

  constructor(hours: readonly AverageRow[]) {
    for (const { time, values } of hours)
      this.#means.set(
        time,
        values.map((value) => value?.mean ?? null),
      );
  }

  at(quantity: AqiQuantity, time: number): number | null {
    const hour = Math.floor(time / HOUR) * HOUR;
    const known = this.#found[quantity].get(hour);
    if (known !== undefined) return known;
    const place = QUANTITIES.indexOf(quantity);
    const means: number[] = [];
    for (let back = 1; back <= HOURS; back++) {
      const mean = this.#means.get(hour - back * HOUR)?.[place];
      if (typeof mean === "number") means.push(mean);
    }
    const index =
      means.length < HOURS_NEEDED
        ? null
        : aqi(quantity, means.reduce((sum, each) => sum + each, 0) / means.length);
    this.#found[quantity].set(hour, index);
    return index;
  }
}
