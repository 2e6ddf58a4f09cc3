import type { Next } from "../polled-sensor";
import type { SensirionOptions } from "../sensirion/sensirion-sensor";
import { unsigned } from "../sensirion/words";
import type { SensorSettings } from "../sensor";

/** A sensor of CO₂ is told where it is. */
export interface Co2Options extends SensirionOptions {
  readonly settings: Pick<SensorSettings, "altitude" | "co2SelfCalibration">;
}

/** How long one has to have measured in an air before it can be taken for a known one (both data sheets: 3 minutes). */
export const MIN_RECALIBRATION_MS = 180_000;

/** The answer to a forced recalibration: 0xFFFF where it came to nothing, else 0x8000 and the correction. */
export function parseRecalibration(data: Uint8Array): Next {
  return unsigned(data, 0) === 0xffff ? "recalibration failed" : undefined;
}
