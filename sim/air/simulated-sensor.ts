import type { Sensor } from "../../modules/sensor/sensor";
import { type Quantity, STEPS } from "../../modules/telemetry/quantities";
import type { Measurement } from "../../modules/telemetry/reading";
import { hashed, scatter, wander } from "./seeded";

export interface SimulatedSensorOptions {
  /** Whole number; the same seed gives the same air. */
  readonly seed: number;
  /** Milliseconds; a multiple of 24 h is midnight in the simulated home. */
  now(): number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What raises particles in a home: usual time, how far that wanders, peak of PM2.5 (µg/m³) and how fast it clears. */
const PARTICLE_EVENTS = [
  { name: "breakfast", atMs: 7.4 * HOUR_MS, spreadMs: HOUR_MS / 2, peak: 14, decayMs: 35 * MINUTE_MS },
  { name: "lunch", atMs: 12.6 * HOUR_MS, spreadMs: HOUR_MS, peak: 18, decayMs: 40 * MINUTE_MS },
  { name: "dinner", atMs: 18.8 * HOUR_MS, spreadMs: HOUR_MS, peak: 65, decayMs: 55 * MINUTE_MS },
] as const;

const RISE_MS = 6 * MINUTE_MS;

/** Persons at home by hour of the day. */
const OCCUPANCY = [3, 3, 3, 3, 3, 3, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3] as const;
const OUTDOOR_CO2_PPM = 425;
const CO2_PPM_PER_PERSON = 190;
/** Time constant of the air exchange: how long CO₂ takes to follow the persons. */
const AIR_EXCHANGE_MS = 70 * MINUTE_MS;

/**
 * The air of a home, for `sim/` only: cooking raises particles and VOC, persons raise CO₂ with the lag of the air
 * exchange, temperature and humidity drift with the day. A pure function of seed and time, so that any instant
 * can be sampled again. The shapes and figures are plausible, not measured.
 */
export class SimulatedSensor implements Sensor {
  readonly model = "simulated";
  readonly fault: string | undefined = undefined;
  #seed: number;
  readonly serialNumber = undefined;
  #now: (() => number) | undefined;

  constructor(options: SimulatedSensorOptions) {
    if (!Number.isInteger(options.seed)) throw new RangeError("seed: a whole number");
    this.#seed = options.seed;
    this.#now = options.now;
  }

  /** Its air is that of the moment. */
  get ageMs(): number | undefined {
    return this.#now && 0;
  }

  sample(): Measurement | undefined {
    if (!this.#now) return undefined;
    const at = this.#now();
    const cooking = this.cooking(at);
    const outdoorParticles = 4.5 + 2.5 * this.drift("outdoor", at, 5 * HOUR_MS);
    const pm2_5 = (outdoorParticles + cooking) * (1 + 0.03 * this.noise("pm", at));
    const day = Math.cos(((at % DAY_MS) / DAY_MS - 15.5 / 24) * 2 * Math.PI);
    return quantised({
      pm1: pm2_5 * (0.84 + 0.02 * this.noise("pm1", at)),
      pm2_5,
      pm4: pm2_5 * (1.1 + 0.02 * this.noise("pm4", at)),
      pm10: pm2_5 * (1.16 + 0.03 * this.noise("pm10", at)),
      co2: this.co2(at) + 4 * this.noise("co2", at),
      temperature:
        21.2 + 1.3 * day + 0.5 * this.drift("warmth", at, 2 * HOUR_MS) + 0.02 * this.noise("t", at),
      humidity: 44 - 4 * day + 5 * this.drift("damp", at, 3 * HOUR_MS) + 0.06 * this.noise("rh", at),
      voc: 95 + 2.2 * cooking + 30 * this.drift("voc", at, HOUR_MS) + 2 * this.noise("voc", at),
      nox: 1 + Math.max(0, 0.35 * cooking - 2) + Math.max(0, this.drift("nox", at, HOUR_MS)),
    });
  }

  close(): void {
    this.#now = undefined;
  }

  /** PM2.5 from cooking, µg/m³: each event rises within minutes and clears exponentially, past midnight too. */
  private cooking(at: number): number {
    const today = Math.floor(at / DAY_MS);
    let sum = 0;
    for (const day of [today - 1, today]) {
      for (const event of PARTICLE_EVENTS) {
        const wander = this.hash(`${event.name} at`, day) * event.spreadMs;
        const strength = 0.7 + 0.3 * this.hash(event.name, day);
        const since = at - (day * DAY_MS + event.atMs + wander);
        if (since <= 0) continue;
        sum += event.peak * strength * Math.min(1, since / RISE_MS) * Math.exp(-since / event.decayMs);
      }
    }
    return sum;
  }

  /** The persons of the last hours, weighted by what the air exchange has left of their breath. */
  private co2(at: number): number {
    const step = 10 * MINUTE_MS;
    let weighted = 0;
    let weights = 0;
    for (let ago = 0; ago < 6 * HOUR_MS; ago += step) {
      const hour = modulo(Math.floor((at - ago) / HOUR_MS), 24);
      const weight = Math.exp(-ago / AIR_EXCHANGE_MS);
      weighted += weight * OCCUPANCY[hour]!;
      weights += weight;
    }
    const airing = 1 - 0.15 * this.drift("airing", at, 2 * HOUR_MS);
    return OUTDOOR_CO2_PPM + CO2_PPM_PER_PERSON * airing * (weighted / weights);
  }

  private drift(channel: string, at: number, periodMs: number): number {
    return wander(String(this.#seed), channel, at, periodMs);
  }

  private noise(channel: string, at: number): number {
    return scatter(String(this.#seed), channel, at);
  }

  private hash(channel: string, index: number): number {
    return hashed(String(this.#seed), channel, index);
  }
}

/** Rounds to what a reading keeps; written as a division, so that 12.3 is 12.3. */
function quantised(values: Measurement): Measurement {
  const rounded: Measurement = {};
  for (const quantity of Object.keys(values) as Quantity[]) {
    const steps = STEPS[quantity];
    rounded[quantity] = Math.max(0, Math.round(values[quantity]! * steps)) / steps;
  }
  return rounded;
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;
