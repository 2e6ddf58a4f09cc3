import type { Quantity } from "./quantities";

export type { Quantity } from "./quantities";

/**
 * Values in the units of quantities.ts. A sensor gives those that it has; a value that is not known (warming up, failed,
 * out of range) is absent, never zero.
 */
export type Measurement = { [quantity in Quantity]?: number };

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
