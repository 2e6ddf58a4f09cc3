// What a value means. Each table has its source, and what the source leaves open is said to be ours.
import type { QuantityName } from "./quantities";

/** 0: nothing to do; 1: worth a look; 2 to 5: worse and worse. The index of a colour, too. */
export type Level = 0 | 1 | 2 | 3 | 4 | 5;

export interface Band {
  /** The first value of the band; the first band has all that is below the second. */
  readonly from: number;
  readonly level: Level;
  readonly word: string;
}

export interface Meaning {
  readonly bands: readonly Band[];
  /** To which a value is cut before it is looked up, as the source wants it. */
  readonly step: number;
  /** From where to where the page draws the scale. */
  readonly bottom?: number;
  readonly top: number;
  readonly source: string;
  readonly url?: string;
  /** The source speaks of rooms. */
  readonly isIndoors?: true;
}

const EPA_AQI = {
  source:
    "US EPA, Air Quality Index, breakpoints of May 2024. They are defined for means of 24 hours; a single reading only hints at them.",
  url: "https://www.ecfr.gov/current/title-40/part-58/appendix-Appendix%20G%20to%20Part%2058",
} as const;

const AQI_WORDS = [
  "Good",
  "Moderate",
  "Unhealthy for sensitive groups",
  "Unhealthy",
  "Very unhealthy",
  "Hazardous",
] as const;

const aqi = (...from: readonly number[]): Band[] =>
  from.map((each, i) => ({ from: each, level: i as Level, word: AQI_WORDS[i]! }));

export const MEANINGS: { readonly [name in QuantityName]?: Meaning } = {
  mcpm2x5: { ...EPA_AQI, step: 0.1, top: 75, bands: aqi(0, 9.1, 35.5, 55.5, 125.5, 225.5) },
  mcpm10: { ...EPA_AQI, step: 1, top: 260, bands: aqi(0, 55, 155, 255, 355, 425) },
  co2_ppm: {
    step: 1,
    top: 2_400,
    isIndoors: true,
    source:
      "Ventilation guidance: below 800 ppm a room is likely well ventilated, above 1,500 ppm poorly (UK Health and Safety Executive); above 2,000 ppm is unacceptable (German Environment Agency, 2008).",
    url: "https://www.hse.gov.uk/ventilation/using-co2-monitors.htm",
    bands: [
      { from: 0, level: 0, word: "Well ventilated" },
      { from: 800, level: 1, word: "Fair" },
      { from: 1_501, level: 2, word: "Poorly ventilated" },
      { from: 2_001, level: 3, word: "Unacceptable: air the room" },
    ],
  },
  temperature: {
    step: 0.1,
    bottom: 12,
    top: 32,
    isIndoors: true,
    source:
      "Comfort in homes and offices: 20 to 26 °C, at most 18 to 27 °C (EN 16798-1, categories II and III); below 18 °C a risk to health (WHO, 2018).",
    url: "https://www.who.int/publications/i/item/9789241550376",
    bands: [
      { from: -273, level: 2, word: "Cold" },
      { from: 18, level: 1, word: "Cool" },
      { from: 20, level: 0, word: "Comfortable" },
      { from: 26.1, level: 1, word: "Warm" },
      { from: 27.1, level: 2, word: "Hot" },
    ],
  },
  rh: {
    step: 1,
    top: 100,
    isIndoors: true,
    source:
      "US EPA on mould and moisture: below 60 %, ideally 30 to 50 %. What is above 70 % is our own step.",
    url: "https://www.epa.gov/mold/brief-guide-mold-moisture-and-your-home",
    bands: [
      { from: 0, level: 1, word: "Dry" },
      { from: 30, level: 0, word: "Comfortable" },
      { from: 51, level: 1, word: "A little humid" },
      { from: 60, level: 2, word: "Humid: mould may grow" },
      { from: 71, level: 3, word: "Very humid: mould grows" },
    ],
  },
  voc_index: {
    step: 1,
    top: 500,
    source:
      "Sensirion's VOC index: 100 is the average of the last 24 hours, more is above it. The steps at 150, 250 and 400 are ours.",
    url: "https://sensirion.com/products/catalog/SGP41",
    bands: [
      { from: 0, level: 0, word: "As usual" },
      { from: 150, level: 1, word: "More than usual" },
      { from: 250, level: 2, word: "Much more than usual" },
      { from: 400, level: 3, word: "Far more than usual" },
    ],
  },
  ch2o_ppb: {
    step: 0.1,
    top: 160,
    isIndoors: true,
    source: "WHO guideline for indoor air: 0.1 mg/m³ over 30 minutes, which is 81 ppb at 25 °C.",
    url: "https://www.who.int/publications/i/item/9789289002134",
    bands: [
      { from: 0, level: 0, word: "Below the guideline" },
      { from: 81.1, level: 3, word: "Above the guideline" },
    ],
  },
};

export interface Place {
  readonly isIndoor: boolean;
}

/** The table that a value of this place is judged by; `undefined`: by none. */
export function meaningOf(name: QuantityName, { isIndoor }: Place): Meaning | undefined {
  const meaning = MEANINGS[name];
  return meaning?.isIndoors && !isIndoor ? undefined : meaning;
}

export function bandOf(meaning: Meaning, value: number): Band {
  // 9.1 / 0.1 is 90.99999999999999: what is a step's hundredth below one is that one.
  const cut = Math.floor(value / meaning.step + 0.01) * meaning.step;
  return meaning.bands.findLast(({ from }) => cut >= from - meaning.step / 100) ?? meaning.bands[0]!;
}

export interface Judged {
  readonly name: QuantityName;
  readonly value: number;
  readonly band: Band;
}

/** The value that most needs attention; of equals the one that is shown first. `undefined`: none has a meaning. */
export function worstOf(values: Readonly<Record<string, unknown>>, place: Place): Judged | undefined {
  let worst: Judged | undefined;
  for (const name of Object.keys(MEANINGS) as QuantityName[]) {
    const value = values[name];
    const meaning = meaningOf(name, place);
    if (typeof value !== "number" || !meaning) continue;
    const band = bandOf(meaning, value);
    if (!worst || band.level > worst.band.level) worst = { name, value, band };
  }
  return worst;
}
