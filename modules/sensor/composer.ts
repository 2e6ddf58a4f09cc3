import type { Settings } from "../configuration/settings";
import { type Quantity, STEPS } from "../telemetry/quantities";
import type { Measurement } from "../telemetry/reading";
import type { CalibrationFault, PmCorrection, Sensor, SensorChoice } from "./sensor";

export interface ComposerOptions {
  readonly sensors: readonly Sensor[];
  /** The board's. */
  readonly wins: SensorChoice | undefined;
  readonly settings: Pick<Settings, "get">;
}

/** What is told of one sensor (docs/protocol.md). */
export interface SensorReport {
  readonly model: string;
  readonly serial: string | null;
  readonly fault: string | null;
  /** Of its values, s. */
  readonly age: number | null;
  /** What the last measurement took from it. */
  readonly quantities: readonly string[];
}

/** What the settings do to the values that the sensors give: quantity → what is added, or the name of the correction. */
export type Corrected = { [quantity in Quantity]?: number | PmCorrection["name"] };

/** Quantities that a person may shift, by which setting: it is in their steps. */
const OFFSETS = Object.freeze({
  temperature: "temperatureOffset",
  humidity: "humidityOffset",
  co2: "co2Offset",
} as const satisfies { [quantity in Quantity]?: string });

const SHIFTED = Object.freeze(Object.keys(OFFSETS)) as readonly (keyof typeof OFFSETS)[];

/**
 * One measurement of all sensors of a board. A quantity comes from the sensor that the board's table names, or where it
 * names none from the first of the list that has a value; so a sensor that fails takes along what is its own, and no
 * more. Corrections of the settings come last.
 */
export class Composer {
  #options: ComposerOptions;
  /** Where the last measurement is from. */
  #sources: { [quantity in Quantity]?: Sensor } = {};

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  /** Of all, "SCD41 + SHT45"; "none" where the board has no sensor. */
  get model(): string {
    return this.#options.sensors.map(({ model }) => model).join(" + ") || "none";
  }

  /** Of all that have one: "SCD41: not found, PMS5003: starting"; a sensor that is alone is not named. */
  get fault(): string | undefined {
    const { sensors } = this.#options;
    if (sensors.length < 2) return sensors.length ? sensors[0]!.fault : "no sensor found";
    let faults = "";
    for (const { model, fault } of sensors) if (fault) faults += `${faults && ", "}${model}: ${fault}`;
    return faults || undefined;
  }

  get reports(): readonly SensorReport[] {
    const sources = this.#sources;
    return this.#options.sensors.map((sensor) => ({
      model: sensor.model,
      serial: sensor.serialNumber ?? null,
      fault: sensor.fault ?? null,
      age: sensor.ageMs === undefined ? null : Math.floor(sensor.ageMs / 1000),
      quantities: Object.keys(sources).filter((quantity) => sources[quantity as Quantity] === sensor),
    }));
  }

  /** Of the last measurement; all else is as the sensors give it. */
  get corrected(): Corrected {
    const corrected: Corrected = {};
    for (const quantity of SHIFTED) {
      const offset = this.offset(quantity);
      if (offset && this.#sources[quantity]) corrected[quantity] = offset;
    }
    const { correction } = this;
    if (correction) corrected.pm2_5 = correction.name;
    return corrected;
  }

  sample(): Measurement | undefined {
    const { sensors, wins } = this.#options;
    const values: Measurement = {};
    this.#sources = {};
    for (const sensor of sensors) {
      const sampled = sensor.sample() ?? {};
      for (const quantity of Object.keys(sampled) as Quantity[]) {
        const place = wins?.[quantity];
        const winner = place === undefined ? (this.#sources[quantity] ?? sensor) : sensors[place];
        if (winner !== sensor || sampled[quantity] === undefined) continue;
        values[quantity] = sampled[quantity];
        this.#sources[quantity] = sensor;
      }
    }
    this.correct(values);
    return Object.keys(values).length > 0 ? values : undefined;
  }

  /** Begins the forced recalibration of whatever measures CO₂. Returns why it cannot be. */
  calibrate(co2: number): CalibrationFault | undefined {
    const { sensors, wins } = this.#options;
    const winner = sensors[wins?.co2 ?? sensors.findIndex(({ calibrate }) => calibrate)];
    return winner?.calibrate ? winner.calibrate(co2) : "no-co2-sensor";
  }

  /** A setting has changed that a sensor may have to be told of. */
  configure(): void {
    for (const sensor of this.#options.sensors) sensor.configure?.();
  }

  private correct(values: Measurement): void {
    for (const quantity of SHIFTED) {
      const value = values[quantity];
      if (value === undefined) continue;
      const shifted = value + this.offset(quantity);
      values[quantity] = quantity === "temperature" ? shifted : Math.max(0, shifted);
    }
    const { pm2_5, humidity } = values;
    if (humidity! > 100) values.humidity = 100;
    const { correction } = this;
    // Without a humidity there is none: corrected and not would be one series of two kinds.
    if (correction && humidity === undefined) delete values.pm2_5;
    else if (correction) values.pm2_5 = correction.correct(pm2_5!, values.humidity!);
  }

  private offset(quantity: keyof typeof OFFSETS): number {
    return this.#options.settings.get(OFFSETS[quantity]) / STEPS[quantity];
  }

  /** The one that was chosen, where it is for the sensor that PM2.5 is from. */
  private get correction(): PmCorrection | undefined {
    const correction = this.#sources.pm2_5?.pmCorrection;
    return correction?.name === this.#options.settings.get("pmCorrection") ? correction : undefined;
  }
}
