import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AqiOfDay, aqi } from "../../../cloud/api/telemetry/aqi";
import { QUANTITIES } from "../../../cloud/payload/quantities";
import { ACME, type CloudApi, NOW, startCloudApi } from "../../support/cloud-api";

// EPA's table of 2024 (40 CFR part 58, appendix G, table 2), band by band, and what its equation says in between.
test.each([
  ["pm2_5", 0, 0],
  ["pm2_5", 9, 50],
  ["pm2_5", 9.04, 50],
  ["pm2_5", 9.1, 51],
  ["pm2_5", 35.4, 100],
  ["pm2_5", 35.49, 100],
  ["pm2_5", 35.5, 101],
  ["pm2_5", 55.4, 150],
  ["pm2_5", 55.5, 151],
  ["pm2_5", 125.4, 200],
  ["pm2_5", 125.5, 201],
  ["pm2_5", 225.4, 300],
  ["pm2_5", 225.5, 301],
  ["pm2_5", 325.4, 500],
  ["pm2_5", 12, 56],
  ["pm2_5", 425.4, 699],
  ["pm10", 54.9, 50],
  ["pm10", 55, 51],
  ["pm10", 154, 100],
  ["pm10", 155, 101],
  ["pm10", 254, 150],
  ["pm10", 354, 200],
  ["pm10", 424, 300],
  ["pm10", 604, 500],
] as const)("The AQI of %s at %d µg/m³ is %i", (quantity, concentration, index) => {
  expect(aqi(quantity, concentration)).toBe(index);
});

test("More particles are never a better index, and none is a number below zero", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("pm2_5", "pm10"),
      fc.double({ min: -10, max: 2_000, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (quantity, low, more) => {
        expect(aqi(quantity as "pm10", low)).toBeGreaterThanOrEqual(0);
        expect(aqi(quantity as "pm10", low + more)).toBeGreaterThanOrEqual(aqi(quantity as "pm10", low));
      },
    ),
  );
});

const hour = (time: number, mean: number | null) => ({
  device: "one",
  time,
  readings: 60,
  values: QUANTITIES.map(() => (mean === null ? null : { count: 60, mean, least: mean, most: mean })),
});

test("The index is of the 24 whole hours before, of which 18 must have a value", () => {
  const noon = NOW;
  const hours = Array.from({ length: 24 }, (_, i) => hour(noon - (i + 1) * 3_600, 12));
  expect(new AqiOfDay(hours).at("pm2_5", noon + 1_800)).toBe(56);
  expect(new AqiOfDay([...hours, hour(noon, 900)]).at("pm2_5", noon + 1_800)).toBe(56);
  expect(new AqiOfDay(hours.slice(6)).at("pm2_5", noon)).toBe(56);
  expect(new AqiOfDay(hours.slice(7)).at("pm2_5", noon)).toBeNull();
  expect(new AqiOfDay(hours.map(({ time }) => hour(time, null))).at("pm2_5", noon)).toBeNull();
});

let cloud: CloudApi;
beforeAll(async () => {
  cloud = await startCloudApi();
  await cloud.store.devices.add({ id: "day", account: ACME }, NOW);
  // Two days, a reading each half hour: 12 µg/m³ the first, 40 the second.
  const readings = Array.from({ length: 96 }, (_, i) => ({
    epoch: "5c0ffee1",
    seq: i + 1,
    unixSeconds: NOW - 48 * 3_600 + i * 1_800,
    steps: QUANTITIES.map((quantity) => (quantity === "pm2_5" ? (i < 48 ? 120 : 400) : null)),
  }));
  await cloud.store.take([{ kind: "readings", device: "day", readings }]);
});
afterAll(() => cloud.close());

test("Records have the index of the day before them, before the hours are summed up and after", async () => {
  const path = "/api/v3/external/telemetry/flat-format?device_id=day&age=2&telem[]=mcpm2x5_aqi";
  const indices = async () =>
    ((await (await cloud.get(path)).json()) as { mcpm2x5_aqi: number | null }[]).map(
      (each) => each.mcpm2x5_aqi,
    );
  const found = await indices();
  expect(found.slice(0, 36)).toEqual(Array(36).fill(null));
  expect(found[48]).toBe(56);
  expect(found[50]).toBeGreaterThan(56);
  expect(found.at(-1)).toBe(aqi("pm2_5", (12 + 23 * 40) / 24));
  await cloud.store.hours.sumUp();
  expect(await indices()).toEqual(found);
});
