import type { Settings } from "../configuration/settings";
import { QUANTITY_NAMES, type Quantity } from "../telemetry/quantities";
import type { Measurement } from "../telemetry/reading";
import { addOffsets, type Corrected, epa2021, offsetsOf } from "./corrections";
import type { CalibrationFault, PmCorrection, Sensor, SensorChoice } from "./sensor";

export interface ComposerOptions {
  readonly sensors: readonly Sensor[];
  /** The board's. */
  readonly wins: SensorChoice | undefined;
  readonly settings: Pick<Settings, "get">;
}

/** What is told of one sensor. */
export interface SensorReport extends Pick<Sensor, "model" | "serialNumber" | "fault" | "ageMs"> {
  /** What the last measurement took from it. */
  readonly quantities: readonly Quantity[];
}

/** Nobody's place in the list. */
const NOBODY = -1;

/**
 * One measurement of all sensors of a board. A quantity comes from the sensor that the board's table names, or where it
 * names none from the first of the list that has a value; so a sensor that fails takes along what is its own, and no
 * more. Corrections of the settings come last.
 */
export class Composer {
  #options: ComposerOptions;
  /** By quantity: the place of the sensor that the last measurement took it from. */
  #sources: Int8Array;

  constructor(options: ComposerOptions) {
    this.#options = options;
    this.#sources = new Int8Array(QUANTITY_NAMES.length).fill(NOBODY);
  }

  /** Of all, "SCD41 + SHT45"; "none" where the board has no sensor. */
  get model(): string {
    return this.#options.sensors.map(({ model }) => model).join(" + ") || "none";
  }

  /** Of all that have one: "SCD41: not found, PMS5003: starting"; a sensor that is alone is not named. */
  get fault(): string | undefined {
    const { sensors } = this.#options;
    if (sensors.length === 0) return "no sensor found";
    let faults = "";
    for (const { model, fault } of sensors) {
      if (fault === undefined) continue;
      if (sensors.length === 1) return fault;
      faults += `${faults && ", "}${model}: ${fault}`;
    }
    return faults || undefined;
  }

  get reports(): readonly SensorReport[] {
    return this.#options.sensors.map(({ model, serialNumber, fault, ageMs }, place) => ({
      model,
      serialNumber,
      fault,
      ageMs,
      quantities: QUANTITY_NAMES.filter((_, i) => this.#sources[i] === place),
    }));
  }

  /** What the settings do to the quantities of the last measurement; all else is as the sensors give it. */
  get corrected(): Corrected {
    const corrected: Corrected = offsetsOf(this.#options.settings);
    if (this.isWet()) corrected.pm2_5 = this.#options.settings.get("pmCorrection") as PmCorrection;
    QUANTITY_NAMES.forEach((quantity, i) => {
      if (this.#sources[i] === NOBODY) delete corrected[quantity];
    });
    return corrected;
  }

  sample(): Measurement | undefined {
    const { sensors, wins, settings } = this.#options;
    const sources = this.#sources.fill(NOBODY);
    const values: Measurement = {};
    for (let place = 0; place < sensors.length; place++) {
      const sampled = sensors[place]!.sample();
      if (!sampled) continue;
      for (let i = 0; i < QUANTITY_NAMES.length; i++) {
        const quantity = QUANTITY_NAMES[i]!;
        const value = sampled[quantity];
        const winner = wins?.[quantity];
        if (value === undefined || (winner === undefined ? sources[i] !== NOBODY : winner !== place))
          continue;
        values[quantity] = value;
        sources[i] = place;
      }
    }
    addOffsets(values, settings);
    if (this.isWet()) dry(values);
    return Object.keys(values).length > 0 ? values : undefined;
  }

  /** Begins the forced recalibration of whatever measures CO₂. Returns why it cannot be. */
  calibrate(co2: number): CalibrationFault | "no-co2-sensor" | undefined {
    const { sensors, wins } = this.#options;
    const winner = wins?.co2;
    for (let place = 0; place < sensors.length; place++) {
      const sensor = sensors[place]!;
      if (sensor.calibrate && (winner === undefined || winner === place)) return sensor.calibrate(co2);
    }
    return "no-co2-sensor";
  }

  /** A setting has changed that a sensor may have to be told of. */
  configure(): void {
    for (const sensor of this.#options.sensors) sensor.configure?.();
  }

  /** PM2.5 is of a sensor that the chosen correction is for. */
  private isWet(): boolean {
    const { sensors, settings } = this.#options;
    const source = sensors[this.#sources[QUANTITY_NAMES.indexOf("pm2_5")]!];
    return source?.pmCorrection !== undefined && source.pmCorrection === settings.get("pmCorrection");
  }
}

/** Without a humidity there is no such PM2.5: corrected and not would be one series of two kinds. */
function dry(values: Measurement): void {
  const { pm2_5, humidity } = values;
  if (humidity === undefined) delete values.pm2_5;
  else values.pm2_5 = epa2021(pm2_5!, humidity);
}
