import { QUANTITY_NAMES, type Quantity, STEPS } from "../../modules/telemetry/quantities";

/** Smallest step of each quantity that is kept and sent, in its unit. */
export const RESOLUTION = Object.fromEntries(
  QUANTITY_NAMES.map((quantity) => [quantity, 1 / STEPS[quantity]]),
) as Record<Quantity, number>;
