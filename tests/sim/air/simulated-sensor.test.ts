import { expect, test } from "vitest";
import type { Quantity } from "../../../modules/telemetry/reading";
import { SimulatedSensor } from "../../../sim/air/simulated-sensor";
import { RESOLUTION } from "../../support/quantities";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Those that its air has. */
const QUANTITIES = Object.keys(airAt(1, 0)) as Quantity[];

function airAt(seed: number, ms: number) {
  return new SimulatedSensor({ seed, now: () => ms }).sample()!;
}

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

function meanOver(quantity: Quantity, fromHour: number, toHour: number): number {
  const values: number[] = [];
  for (let day = 1; day <= 10; day++)
    for (let at = fromHour * HOUR; at < toHour * HOUR; at += 5 * MINUTE)
      values.push(airAt(7, day * DAY + at)[quantity]!);
  return mean(values);
}

test("every quantity stays in a plausible range, any minute of three days, for several seeds", () => {
  const ranges = {
    pm1: [0.5, 120],
    pm2_5: [0.5, 140],
    pm4: [0.5, 155],
    pm10: [0.5, 165],
    co2: [420, 2000],
    temperature: [17, 26],
    humidity: [25, 65],
    voc: [1, 500],
    nox: [1, 500],
  } as Record<Quantity, [number, number]>;
  for (const seed of [0, 1, 4711]) {
    for (let at = 0; at < 3 * DAY; at += 3 * MINUTE) {
      const air = airAt(seed, at);
      for (const quantity of QUANTITIES) {
        expect(air[quantity], `${quantity} of seed ${seed} at ${at}`).toBeGreaterThanOrEqual(
          ranges[quantity][0],
        );
        expect(air[quantity], `${quantity} of seed ${seed} at ${at}`).toBeLessThanOrEqual(
          ranges[quantity][1],
        );
      }
      expect(air.pm1).toBeLessThanOrEqual(air.pm2_5!);
      expect(air.pm2_5).toBeLessThanOrEqual(air.pm10!);
    }
  }
});

test("values are whole multiples of what a reading keeps, without float noise", () => {
  for (let at = 0; at < DAY; at += 7 * MINUTE) {
    const air = airAt(3, at);
    for (const quantity of QUANTITIES)
      expect(String(air[quantity])).toMatch(
        RESOLUTION[quantity] === 1
          ? /^\d+$/
          : RESOLUTION[quantity] === 0.1
            ? /^\d+(\.\d)?$/
            : /^\d+(\.\d\d?)?$/,
      );
  }
});

test("the day has its course: dinner raises particles, the evening CO₂, the afternoon temperature", () => {
  expect(meanOver("pm2_5", 19, 21)).toBeGreaterThan(3 * meanOver("pm2_5", 3, 6));
  expect(meanOver("co2", 20, 23)).toBeGreaterThan(meanOver("co2", 12, 15) + 200);
  expect(meanOver("temperature", 14, 17)).toBeGreaterThan(meanOver("temperature", 2, 5) + 1);
  expect(meanOver("humidity", 14, 17)).toBeLessThan(meanOver("humidity", 2, 5));
});

test("the same seed and time give the same air, in any order; another seed gives other air", () => {
  const times = Array.from({ length: 100 }, (_, i) => i * 17 * MINUTE);
  let now = 0;
  const forwards = new SimulatedSensor({ seed: 9, now: () => now });
  const backwards = new SimulatedSensor({ seed: 9, now: () => now });
  const sampleAt = (sensor: SimulatedSensor, at: number) => {
    now = at;
    return sensor.sample();
  };
  const first = times.map((at) => sampleAt(forwards, at));
  const second = [...times].reverse().map((at) => sampleAt(backwards, at));
  expect(second.reverse()).toEqual(first);
  expect(times.map((at) => airAt(10, at))).not.toEqual(first);
});

test("neighbouring minutes are alike but not equal: curves with a sensor's scatter", () => {
  const co2 = Array.from({ length: 60 }, (_, i) => airAt(1, 3 * HOUR + i * MINUTE).co2!);
  const steps = co2.slice(1).map((value, i) => Math.abs(value - co2[i]!));
  expect(Math.max(...steps)).toBeLessThan(20);
  expect(new Set(co2).size).toBeGreaterThan(5);
});

test("a closed sensor has no values", () => {
  const sensor = new SimulatedSensor({ seed: 1, now: () => 0 });
  sensor.close();
  sensor.close();
  expect(sensor.sample()).toBeUndefined();
});

test("a seed that is no whole number is misuse", () => {
  expect(() => new SimulatedSensor({ seed: 0.5, now: () => 0 })).toThrow(RangeError);
});
