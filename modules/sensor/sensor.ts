import type { Measurement, Quantity } from "../telemetry/reading";

/**
 * A sensor in the style of ECMA-419's sensor classes: construct with options, `sample()` for the latest values,
 * `close()`. Samples are pulled; a sensor keeps its own schedule of fan, warm-up and looking for what is not there.
 */
export interface Sensor {
  /** Model as shown in `status`, "SEN55"; until it was read, that of the family: "SEN5x". */
  readonly model: string;
  /** As printed on it; `undefined` until it was read, or where it has none. */
  readonly serialNumber: string | undefined;
  /** Why `sample` has nothing, or what is wrong with what it has: of a closed set. `undefined`: all well. */
  readonly fault: string | undefined;
  /** How old the values are that `sample` gives; `undefined`: it gives none. */
  readonly ageMs: number | undefined;
  /** The latest values, or `undefined` when there are none (absent, warming up, failed): never invented. Takes 5 ms at most. */
  sample(): Measurement | undefined;
  /** The correction that fits its PM2.5, which counts the water on particles. Absent: it counts none, or none fits. */
  readonly pmCorrection?: PmCorrection;
  /**
   * Forced recalibration: the air around it has so much CO₂, ppm. What is begun here may end later, in `fault`.
   * Returns why it cannot be. Absent: the sensor knows nothing of it.
   */
  calibrate?(co2: number): CalibrationFault | undefined;
  /** What {@link SensorSettings} say has changed. Absent: it uses none of them. */
  configure?(): void;
  close(): void;
}

/** A correction of PM2.5 for humidity. It lies with the drivers that it fits, so that no other board has it. */
export interface PmCorrection {
  /** As the setting has it. */
  readonly name: "epa-2021";
  correct(pm2_5: number, humidity: number): number;
}

/** Why a sensor cannot be calibrated now. */
export type CalibrationFault =
  /** It is not there, or starts. */
  | "not-ready"
  /** It has not run long enough in this air for the result to mean something. */
  | "warming-up"
  /** It has not finished the last one. */
  | "calibrating"
  /** It takes the air around it for fresh, some 400 ppm, and can be told no other value. */
  | "fresh-air-only"
  /** Nothing here measures CO₂, or what does cannot be calibrated so. */
  | "no-co2-sensor";

/** What a person tells the sensors. Read when a sensor is configured: at its start, and at {@link Sensor.configure}. */
export interface SensorSettings {
  /** Height above the sea, m: thin air holds fewer molecules of CO₂. */
  readonly altitude: number;
  /** The CO₂ sensor takes the lowest values of the last days for fresh air. */
  readonly co2SelfCalibration: boolean;
}

/** Quantity → place in the list of sensors. */
export type SensorChoice = { readonly [quantity in Quantity]?: number };
