import type { Sensor, SensorChoice } from "../../modules/sensor/sensor";
import { type Quantity, STEPS } from "../../modules/telemetry/quantities";
import type { Measurement } from "../../modules/telemetry/reading";
import { SimulatedSensor } from "../air/simulated-sensor";

/** What one of them makes of the air: pairs of quantity and value. */
type Look = (air: Required<Measurement>) => Measurement;

interface Kind {
  readonly model: string;
  /** A new value so often. */
  readonly periodMs: number;
  readonly look: Look;
}

/** Which part each is, and what it measures. The first knows temperature and humidity too, warmed by itself. */
const KINDS: readonly Kind[] = [
  {
    model: "SCD41",
    periodMs: 5_000,
    look: ({ co2, temperature, humidity }) => ({
      co2,
      temperature: temperature + 2.5,
      humidity: humidity - 6,
    }),
  },
  {
    model: "SHT45",
    periodMs: 1_000,
    look: ({ temperature, humidity }) => ({ temperature, humidity }),
  },
  {
    model: "SGP41",
    periodMs: 1_000,
    look: ({ voc, nox }) => ({ vocRaw: 32_000 - 8 * voc, noxRaw: 15_000 + 30 * nox }),
  },
  {
    model: "PMS5003",
    periodMs: 2_000,
    look: ({ pm1, pm2_5, pm10 }) => ({
      ...{ pm1, pm2_5, pm10, nc0_5: 6.9 * pm1, nc1: 8 * pm1, nc2_5: 8.3 * pm1, nc10: 8.35 * pm1 },
    }),
  },
];

/** Temperature and humidity are the second one's. */
export const FOUR_WIN: SensorChoice = { temperature: 1, humidity: 1 };

/** One sensor of several in the same air. */
export class AirSensor implements Sensor {
  readonly model: string;
  readonly serialNumber: string;
  /** A fault that takes its values; undefined: it works. */
  fault: string | undefined;
  #kind: Kind;
  #seed: number;
  #now: () => number;

  constructor(kind: Kind, seed: number, now: () => number) {
    this.model = kind.model;
    this.serialNumber = `${kind.model}-${seed.toString(16)}`;
    this.#kind = kind;
    this.#seed = seed;
    this.#now = now;
  }

  get ageMs(): number | undefined {
    return this.fault === undefined ? this.#now() % this.#kind.periodMs : undefined;
  }

  sample(): Measurement | undefined {
    if (this.fault !== undefined) return undefined;
    const air = new SimulatedSensor({ seed: this.#seed, now: this.#now }).sample();
    return air && inSteps(this.#kind.look(air as Required<Measurement>));
  }

  close(): void {}
}

export const fourSensors = (seed: number, now: () => number): AirSensor[] =>
  KINDS.map((kind) => new AirSensor(kind, seed, now));

function inSteps(values: Measurement): Measurement {
  return Object.fromEntries(
    Object.entries(values).map(([quantity, value]) => {
      const steps = STEPS[quantity as Quantity];
      return [quantity, Math.round(value * steps) / steps];
    }),
  );
}
