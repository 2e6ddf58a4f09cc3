/** What a reading measures, and the steps per unit of each: a value is its steps divided by this (docs/payload.md). */
export const STEPS_PER_UNIT = {
  pm1: 10,
  pm2_5: 10,
  pm4: 10,
  pm10: 10,
  co2: 1,
  temperature: 100,
  humidity: 100,
  voc: 1,
  nox: 1,
  hcho: 10,
  nc0_5: 10,
  nc1: 10,
  nc2_5: 10,
  nc4: 10,
  nc10: 10,
  particleSize: 1000,
  vocRaw: 1,
  noxRaw: 1,
} as const;

export type Quantity = keyof typeof STEPS_PER_UNIT;

/** In the order in which rows hold them. */
export const QUANTITIES = Object.keys(STEPS_PER_UNIT) as readonly Quantity[];
