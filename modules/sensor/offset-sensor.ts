import type { Settings } from "../configuration/settings";
import type { Measurement } from "../telemetry/reading";
import type { CalibrationFault, Sensor } from "./sensor";

/** Settings are in steps of 0.01. */
const STEPS = 100;

/** A sensor whose values are corrected by the offsets in the settings; what is absent stays absent. */
export class OffsetSensor implements Sensor {
  #sensor: Sensor;
  #settings: Pick<Settings, "get">;

  constructor(sensor: Sensor, settings: Pick<Settings, "get">) {
    this.#sensor = sensor;
    this.#settings = settings;
  }

  get model(): string {
    return this.#sensor.model;
  }

  get serialNumber(): string | undefined {
    return this.#sensor.serialNumber;
  }

  get ageMs(): number | undefined {
    return this.#sensor.ageMs;
  }

  calibrate(co2: number): CalibrationFault | undefined {
    return this.#sensor.calibrate?.(co2);
  }

  get fault(): string | undefined {
    return this.#sensor.fault;
  }

  sample(): Measurement | undefined {
    const sampled = this.#sensor.sample();
    if (!sampled) return undefined;
    const { temperature, humidity, co2 } = sampled;
    const settings = this.#settings;
    return {
      ...sampled,
      ...(temperature !== undefined && {
        temperature: temperature + settings.get("temperatureOffset") / STEPS,
      }),
      ...(humidity !== undefined && {
        humidity: Math.min(100, Math.max(0, humidity + settings.get("humidityOffset") / STEPS)),
      }),
      ...(co2 !== undefined && { co2: Math.max(0, co2 + settings.get("co2Offset")) }),
    };
  }

  close(): void {
    this.#sensor.close();
  }
}
