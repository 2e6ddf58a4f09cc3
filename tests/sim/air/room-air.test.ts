import { describe, expect, it } from "vitest";
import { type Air, RoomAir } from "../../../sim/air/room-air";
import { ROOM_NAMES, type RoomName } from "../../../sim/air/rooms";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FIRST = 20_000 * DAY;

const dayOf = (room: RoomName, seed: number): Air[] => {
  const air = new RoomAir({ room, seed });
  return Array.from({ length: 24 * 12 }, (_, i) => air.at(FIRST + i * 5 * MINUTE));
};
const between = (day: Air[], from: number, to: number, of: keyof Air): number[] =>
  day.slice(from * 12, to * 12).map((air) => air[of]);
const peak = (values: number[]): number => Math.max(...values);
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How alike two courses run, -1 to 1. */
function correlation(a: number[], b: number[]): number {
  const deviations = (values: number[]) => values.map((value) => value - mean(values));
  const [x, y] = [deviations(a), deviations(b)];
  const product = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

describe.each(ROOM_NAMES)("the air of the %s", (room) => {
  it("stays within what such rooms have, whatever the seed, and particles nest in their sizes", () => {
    for (const seed of [1, 2, 3]) {
      for (const air of dayOf(room, seed)) {
        expect(air.co2).toBeGreaterThanOrEqual(420);
        expect(air.co2).toBeLessThan(3_000);
        expect(air.temperature).toBeGreaterThan(13);
        expect(air.temperature).toBeLessThan(27);
        expect(air.humidity).toBeGreaterThan(15);
        expect(air.humidity).toBeLessThanOrEqual(100);
        expect(air.pm10).toBeLessThan(500);
        const masses = [0, air.pm1, air.pm2_5, air.pm4, air.pm10];
        expect(masses).toEqual([...masses].sort((a, b) => a - b));
        const numbers = [0, air.nc0_5, air.nc1, air.nc2_5, air.nc4, air.nc10];
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      }
    }
  });

  it("is a function of seed and time, in any order, and goes on over midnight without a jump", () => {
    const forwards = new RoomAir({ room, seed: 7 });
    const backwards = new RoomAir({ room, seed: 7 });
    const times = Array.from({ length: 20 }, (_, i) => FIRST + i * 7.3 * HOUR);
    const first = times.map((at) => forwards.at(at));
    expect([...times].reverse().map((at) => backwards.at(at))).toEqual([...first].reverse());
    expect(new RoomAir({ room, seed: 8 }).at(FIRST)).not.toEqual(forwards.at(FIRST));
    const [before, after] = [forwards.at(FIRST + DAY - MINUTE), forwards.at(FIRST + DAY)];
    expect(Math.abs(before.co2 - after.co2)).toBeLessThan(15);
    expect(Math.abs(before.temperature - after.temperature)).toBeLessThan(0.3);
    expect(Math.abs(before.humidity - after.humidity)).toBeLessThan(2);
  });
});

it("frying in the kitchen raises particles, nitrogen dioxide, vapours, humidity and warmth together", () => {
  const day = dayOf("kitchen", 1);
  for (const quantity of ["pm2_5", "no2", "tvoc", "humidity", "temperature", "co2"] as const) {
    expect(peak(between(day, 18, 20.5, quantity)), quantity).toBeGreaterThan(day[17 * 12]![quantity] * 1.05);
    expect(
      correlation(between(day, 17, 22, "pm2_5"), between(day, 17, 22, quantity)),
      quantity,
    ).toBeGreaterThan(0.5);
  }
  expect(peak(between(day, 18, 20.5, "pm2_5"))).toBeGreaterThan(35);
});

it("CO₂ of two sleepers climbs all night behind a closed door, and falls when they air", () => {
  const day = dayOf("bedroom", 1);
  expect(day[6 * 12]!.co2).toBeGreaterThan(day[12]!.co2);
  expect(day[6 * 12]!.co2).toBeGreaterThan(1_500);
  expect(day[6 * 12]!.humidity).toBeGreaterThan(day[12]!.humidity);
  expect(day[8.5 * 12]!.co2).toBeLessThan(700);
  expect(Math.min(...between(day, 7, 8.5, "temperature"))).toBeLessThan(day[6.5 * 12]!.temperature);
});

it("an office is stuffy in the afternoon and empty at night", () => {
  const day = dayOf("office", 1);
  expect(mean(between(day, 15, 17, "co2"))).toBeGreaterThan(mean(between(day, 2, 5, "co2")) + 500);
  expect(mean(between(day, 2, 5, "pm10"))).toBeLessThan(mean(between(day, 9, 12, "pm10")));
});

it("a seed that is no whole number is misuse", () => {
  expect(() => new RoomAir({ room: "office", seed: 0.5 })).toThrow(RangeError);
});
