/**
 * The quantities that a monitor measures. A sensor gives those that it has; a value that is not known (warming
 * up, failed, out of range) is absent, never zero.
 */
export interface Measurement {
  /** Mass concentration of particles up to 1 µm, µg/m³. */
  pm1?: number;
  /** up to 2.5 µm, µg/m³ */
  pm2_5?: number;
  /** up to 4 µm, µg/m³ */
  pm4?: number;
  /** up to 10 µm, µg/m³ */
  pm10?: number;
  /** Carbon dioxide, ppm. */
  co2?: number;
  /** °C */
  temperature?: number;
  /** Relative humidity, %. */
  humidity?: number;
  /** VOC index, 1–500 (Sensirion). */
  voc?: number;
  /** NOx index, 1–500 (Sensirion). */
  nox?: number;
}

export type Quantity = keyof Measurement;

/** Smallest step that is kept and sent, per quantity: values travel as whole multiples of it. */
export const RESOLUTION = Object.freeze({
  pm1: 0.1,
  pm2_5: 0.1,
  pm4: 0.1,
  pm10: 0.1,
  co2: 1,
  temperature: 0.01,
  humidity: 0.01,
  voc: 1,
  nox: 1,
} as const satisfies Record<Quantity, number>);

/** When a reading was taken: always by boot and uptime; by wall clock too once that is known. */
export interface Stamp {
  /** Number of this boot, counted in settings. */
  readonly boot: number;
  /** Seconds since that boot. */
  readonly uptimeSeconds: number;
  /** Unix time in seconds, once the clock was set during that boot. */
  readonly unixSeconds?: number;
}

/** A reading as the journal keeps it: `seq` counts up by one from 1 within an epoch. */
export interface Reading extends Stamp {
  readonly seq: number;
  readonly values: Measurement;
}
