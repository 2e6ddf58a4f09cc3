import { type Activity, ROOMS, type Room, type RoomName } from "./rooms";
import { hashed, wander } from "./seeded";

/** The air itself, as no sensor sees it: µg/m³, ppm, °C, % RH, particles a cm³, µm, ppb. */
export interface Air {
  readonly pm1: number;
  readonly pm2_5: number;
  readonly pm4: number;
  readonly pm10: number;
  readonly co2: number;
  readonly temperature: number;
  readonly humidity: number;
  readonly no2: number;
  /** Sum of volatile organic compounds, as ppb of ethanol. */
  readonly tvoc: number;
  readonly hcho: number;
  readonly nc0_5: number;
  readonly nc1: number;
  readonly nc2_5: number;
  readonly nc4: number;
  readonly nc10: number;
  readonly particleSize: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Outdoors nothing changes faster. */
const WEATHER_MINUTES = 15;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

/** A person at a desk and one asleep: litres of CO₂, grams of water, kelvins of a room of 40 m³, each an hour. */
const AWAKE = { co2: 18, water: 50, heat: 0.35 };
const ASLEEP = { co2: 12, water: 35, heat: 0.25 };
const OUTDOOR_CO2 = 425;
/** Particles settle, an hour; coarse ones fast. Walls and curtains take up water and give it back. */
const SETTLING = { fine: 0.25, coarse: 2 };
const WATER_BUFFER = 3;
/** How fast walls and heating pull the room to its temperature, an hour; nitrogen dioxide is lost on surfaces. */
const HEATING = 1.2;
const NO2_LOSS = 0.8;
/** Of window air, what reaches the temperature: walls hold against it. */
const COOLING = 0.12;

/** What is carried from minute to minute: per m³ of the room. */
interface Inside {
  co2: number;
  /** Grams of water. */
  water: number;
  temperature: number;
  fine: number;
  coarse: number;
  voc: number;
  no2: number;
  hcho: number;
}

type Outdoors = Pick<Inside, "temperature" | "water" | "fine" | "coarse">;

interface Happening {
  readonly activity: Activity;
  readonly from: number;
  readonly to: number;
}

/**
 * The air of one room over days: mass balances of what people, stoves and windows do, a step a minute, with outdoor air
 * that wanders. So one cause moves all that hangs on it: frying raises particles, nitrogen dioxide, vapours, humidity and
 * warmth at once, an open window lowers CO₂ and cools, and cold air that is warmed is dry.
 *
 * A pure function of seed, room and time, in any order: a day is reckoned from the midnight before the last.
 */
export class RoomAir {
  readonly #room: Room;
  readonly #seed: string;
  readonly #days = new Map<number, Air[]>();

  constructor(options: { readonly room: RoomName; readonly seed: number }) {
    if (!Number.isInteger(options.seed)) throw new RangeError("seed: a whole number");
    this.#room = ROOMS[options.room];
    this.#seed = `${options.seed} ${options.room}`;
  }

  /** `unixMs`: a multiple of 24 h is midnight in the room. */
  at(unixMs: number): Air {
    const minute = unixMs / MINUTE_MS;
    const before = Math.floor(minute);
    const part = minute - before;
    const from = this.#minute(before);
    const to = this.#minute(before + 1);
    const mixed: Record<string, number> = {};
    for (const [name, value] of Object.entries(from))
      mixed[name] = value + (to[name as keyof Air] - value) * part;
    return mixed as unknown as Air;
  }

  #minute(minute: number): Air {
    const day = Math.floor(minute / DAY_MINUTES);
    let airs = this.#days.get(day);
    if (!airs) {
      airs = this.#reckon(day);
      this.#days.set(day, airs);
      if (this.#days.size > 3) this.#days.delete(this.#days.keys().next().value!);
    }
    return airs[minute - day * DAY_MINUTES]!;
  }

  #reckon(day: number): Air[] {
    const first = (day - 1) * DAY_MINUTES;
    const happenings = [day - 2, day - 1, day].flatMap((each) => this.#happenings(each));
    const { water, fine, coarse } = this.#outdoors(first);
    const inside: Inside = {
      ...{ co2: OUTDOOR_CO2, water, temperature: this.#room.night },
      ...{ fine, coarse, voc: 120, no2: 5, hcho: 15 },
    };
    const airs: Air[] = [];
    let outdoors = this.#outdoors(first);
    for (let minute = first; minute < first + 2 * DAY_MINUTES; minute++) {
      if (minute % WEATHER_MINUTES === 0) outdoors = this.#outdoors(minute);
      if (minute >= first + DAY_MINUTES) airs.push(airOf(inside));
      this.#step(inside, minute, happenings, outdoors);
    }
    return airs;
  }

  #happenings(day: number): Happening[] {
    return this.#room.activities.flatMap((activity) => {
      const { name, at, hours, spread, chance = 1 } = activity;
      if (hashed(this.#seed, `${name} happens`, day) > 2 * chance - 1) return [];
      const start = at + spread * hashed(this.#seed, name, day);
      const from = day * DAY_MINUTES + 60 * start;
      return [{ activity, from, to: from + 60 * hours }];
    });
  }

  #outdoors(minute: number): Outdoors {
    const ms = minute * MINUTE_MS;
    const sun = Math.cos(((ms % DAY_MS) / DAY_MS - 15 / 24) * 2 * Math.PI);
    const temperature = 7 + 3 * sun + 3 * wander(this.#seed, "outdoors", ms, 9 * 60 * MINUTE_MS);
    const humidity = 78 - 8 * sun + 8 * wander(this.#seed, "rain", ms, 7 * 60 * MINUTE_MS);
    return {
      temperature,
      water: (Math.min(100, humidity) / 100) * saturation(temperature),
      fine: 7 + 4 * wander(this.#seed, "smog", ms, 6 * 60 * MINUTE_MS),
      coarse: 5 + 2 * wander(this.#seed, "street", ms, 3 * 60 * MINUTE_MS),
    };
  }

  #step(inside: Inside, minute: number, happenings: readonly Happening[], outdoors: Outdoors): void {
    const { volume, infiltration, day, night } = this.#room;
    const hour = (((minute / 60) % 24) + 24) % 24;
    let airing = 0;
    const given = { co2: 0, water: 0, heat: 0, fine: 0, coarse: 0, voc: 30, no2: 0 };
    for (const { activity, from, to } of happenings) {
      if (minute < from || minute >= to) continue;
      const { persons = 0, asleep } = activity;
      const body = asleep ? ASLEEP : AWAKE;
      given.co2 += (persons * body.co2 * 1000) / volume;
      given.water += (persons * body.water + (activity.water ?? 0)) / volume;
      given.heat += (persons * body.heat * 40) / volume + (activity.heat ?? 0);
      given.fine += ((activity.particles ?? 0) * 1000) / volume;
      given.coarse += ((activity.dust ?? 0) * 1000) / volume;
      given.voc += persons * 12 + (activity.voc ?? 0);
      given.no2 += activity.no2 ?? 0;
      airing += activity.airing ?? 0;
    }
    const change = infiltration + airing;
    const hours = 1 / 60;
    const wanted = hour >= 6 && hour < 22 ? day : night;
    inside.temperature +=
      hours *
      (HEATING * (wanted - inside.temperature) +
        given.heat +
        (infiltration * 0.02 + airing * COOLING) * (outdoors.temperature - inside.temperature));
    inside.co2 += hours * (given.co2 + change * (OUTDOOR_CO2 - inside.co2));
    inside.water += (hours / WATER_BUFFER) * (given.water + change * (outdoors.water - inside.water));
    // No more than the air can hold: the rest is on the panes.
    inside.water = Math.min(inside.water, 0.98 * saturation(inside.temperature));
    inside.fine +=
      hours * (given.fine + change * (0.8 * outdoors.fine - inside.fine) - SETTLING.fine * inside.fine);
    inside.coarse +=
      hours *
      (given.coarse + change * (0.5 * outdoors.coarse - inside.coarse) - SETTLING.coarse * inside.coarse);
    inside.voc += hours * (given.voc + change * (40 - inside.voc));
    inside.no2 += hours * (given.no2 + change * (9 - inside.no2) - NO2_LOSS * inside.no2);
    // Furniture gives off more when it is warm.
    inside.hcho += hours * (9 * 1.09 ** (inside.temperature - 21) + change * (2 - inside.hcho));
  }
}

/** Grams of water a m³ that air of `celsius` holds: Magnus' formula over water, and the gas law. */
function saturation(celsius: number): number {
  return (216.7 * 6.112 * Math.exp((17.62 * celsius) / (243.12 + celsius))) / (273.15 + celsius);
}

function airOf({ co2, water, temperature, fine, coarse, voc, no2, hcho }: Inside): Air {
  // Particles of homes are fine: most of their number lies below half a micrometre, most of their mass above it.
  const number = 7 * fine + 0.1 * coarse;
  return {
    ...{ pm1: 0.82 * fine, pm2_5: fine, pm4: fine + 0.35 * coarse, pm10: fine + coarse },
    ...{ co2, temperature, humidity: Math.min(100, (100 * water) / saturation(temperature)) },
    ...{ no2, tvoc: voc, hcho },
    ...{
      nc0_5: 0.85 * number,
      nc1: 0.985 * number,
      nc2_5: 0.997 * number,
      nc4: 0.999 * number,
      nc10: number,
    },
    particleSize: 0.45 + 0.6 * (coarse / (fine + coarse)),
  };
}
