import { type Quantity, STEPS } from "../../modules/telemetry/quantities";
import type { Measurement } from "../../modules/telemetry/reading";
import type { Air } from "./room-air";

/** Sensirion's indices are 100 and 1 in the air that the sensor has come to know; here, that of a room at rest. */
const USUAL = { tvoc: 110, no2: 5 };

/** The air as the twins want it: every quantity, with what an index and a raw signal would make of the gases. */
export function measured(air: Air): Measurement {
  const { no2, tvoc, ...same } = air;
  const values: Required<Measurement> = {
    ...same,
    voc: Math.min(500, Math.max(1, 100 + 0.55 * (tvoc - USUAL.tvoc))),
    nox: Math.min(500, Math.max(1, 1 + 1.5 * Math.max(0, no2 - USUAL.no2))),
    vocRaw: 31_000 - 1_800 * Math.log(1 + tvoc / 100),
    noxRaw: 16_000 - 20 * no2,
  };
  for (const quantity of Object.keys(values) as Quantity[]) {
    const steps = STEPS[quantity];
    values[quantity] = Math.round(values[quantity] * steps) / steps;
  }
  return values;
}
