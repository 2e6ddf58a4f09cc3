// What a number of the air means, by bands that others have drawn.

export type Verdict = "good" | "fair" | "poor";

export interface Band {
  /** Up to here it is good, up to there fair. */
  readonly good: number;
  readonly fair: number;
  /** Who says so. */
  readonly source: string;
  /** What to do, or to think, of it. */
  readonly says: Readonly<Record<Verdict, string>>;
}

export const BANDS = {
  co2: {
    good: 800,
    fair: 1_500,
    source: "ventilation guidance (HSE, UK): below 800 ppm well aired, above 1,500 ppm poorly",
    says: {
      good: "Well aired.",
      fair: "A window would do good.",
      poor: "Air this room.",
    },
  },
  pm2_5: {
    good: 9,
    fair: 35.4,
    source:
      "US EPA's index for PM2.5 (2024), made for means of 24 hours: up to 9.0 good, up to 35.4 moderate",
    says: {
      good: "Little dust.",
      fair: "Some dust: those who are sensitive may feel it.",
      poor: "Much dust: find what it comes from.",
    },
  },
} as const satisfies Record<string, Band>;

export type Judged = keyof typeof BANDS;
export const JUDGED = Object.keys(BANDS) as Judged[];

export function verdictOf(quantity: Judged, value: number): Verdict {
  const { good, fair } = BANDS[quantity];
  return value <= good ? "good" : value <= fair ? "fair" : "poor";
}

/** Of all that has been judged, the worst. */
export function worst(verdicts: readonly Verdict[]): Verdict | undefined {
  return (["poor", "fair", "good"] as const).find((each) => verdicts.includes(each));
}
