import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aqi } from "../../../cloud/api/telemetry/aqi";
import { bandOf, MEANINGS, meaningOf, worstOf } from "../../../cloud/page/bands";
import { type QuantityName, SHOWN, withUnit, written } from "../../../cloud/page/quantities";

const INSIDE = { isIndoor: true };
const wordOf = (name: QuantityName, value: number): string => bandOf(meaningOf(name, INSIDE)!, value).word;

/** The last value of a band and the first of the next, as the sources have them. */
test.each([
  ["mcpm2x5", 9.0, "Good", 9.1, "Moderate"],
  ["mcpm2x5", 35.4, "Moderate", 35.5, "Unhealthy for sensitive groups"],
  ["mcpm2x5", 55.4, "Unhealthy for sensitive groups", 55.5, "Unhealthy"],
  ["mcpm2x5", 125.4, "Unhealthy", 125.5, "Very unhealthy"],
  ["mcpm2x5", 225.4, "Very unhealthy", 225.5, "Hazardous"],
  ["mcpm10", 54.9, "Good", 55, "Moderate"],
  ["mcpm10", 154, "Moderate", 155, "Unhealthy for sensitive groups"],
  ["mcpm10", 254, "Unhealthy for sensitive groups", 255, "Unhealthy"],
  ["mcpm10", 354, "Unhealthy", 355, "Very unhealthy"],
  ["mcpm10", 424, "Very unhealthy", 425, "Hazardous"],
  ["co2_ppm", 799, "Well ventilated", 800, "Fair"],
  ["co2_ppm", 1_500, "Fair", 1_501, "Poorly ventilated"],
  ["co2_ppm", 2_000, "Poorly ventilated", 2_001, "Unacceptable: air the room"],
  ["temperature", 17.9, "Cold", 18, "Cool"],
  ["temperature", 19.9, "Cool", 20, "Comfortable"],
  ["temperature", 26, "Comfortable", 26.1, "Warm"],
  ["temperature", 27, "Warm", 27.1, "Hot"],
  ["rh", 29, "Dry", 30, "Comfortable"],
  ["rh", 50, "Comfortable", 51, "A little humid"],
  ["rh", 59, "A little humid", 60, "Humid: mould may grow"],
  ["rh", 70, "Humid: mould may grow", 71, "Very humid: mould grows"],
  ["voc_index", 149, "As usual", 150, "More than usual"],
  ["voc_index", 249, "More than usual", 250, "Much more than usual"],
  ["voc_index", 399, "Much more than usual", 400, "Far more than usual"],
  ["ch2o_ppb", 81, "Below the guideline", 81.1, "Above the guideline"],
] as const)("%s of %d is “%s” and of %d “%s”", (name, last, before, first, after) => {
  expect([wordOf(name, last), wordOf(name, first)]).toEqual([before, after]);
});

const INDEX_ENDS = [50, 100, 150, 200, 300];

test("The bands of particles are those that the API's Air Quality Index has, at every step", () => {
  for (const [name, quantity, step] of [
    ["mcpm2x5", "pm2_5", 0.1],
    ["mcpm10", "pm10", 1],
  ] as const)
    for (let i = 0; i < 5_000; i++) {
      const value = Number((i * step).toFixed(1));
      const level = INDEX_ENDS.filter((end) => aqi(quantity, value) > end).length;
      expect(bandOf(MEANINGS[name]!, value).level, `${name} ${value}`).toBe(level);
    }
});

describe("Of every table", () => {
  test.each(Object.entries(MEANINGS))(
    "%s: it names its source, and bands rise",
    (_, { bands, source, top, bottom = 0 }) => {
      expect(source.length).toBeGreaterThan(20);
      const starts = bands.map(({ from }) => from);
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
      expect(top).toBeGreaterThan(bottom);
      expect(bands.filter(({ from }) => from < top).length).toBeGreaterThan(1);
    },
  );

  test("Any number at all is in one band, and a higher one never in a lower band", () => {
    const number = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(MEANINGS)), number, number, (meaning, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((value) =>
          meaning.bands.indexOf(bandOf(meaning, value)),
        );
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(low!);
      }),
    );
  });
});

test("Outdoors a room's comfort is no measure, and particles are", () => {
  const outside = { isIndoor: false };
  expect(["mcpm2x5", "mcpm10", "voc_index"].every((name) => meaningOf(name as QuantityName, outside))).toBe(
    true,
  );
  expect(worstOf({ temperature: -12, rh: 90, co2_ppm: 5_000, mcpm2x5: 10 }, outside)).toMatchObject({
    name: "mcpm2x5",
    band: { word: "Moderate" },
  });
});

test("The worst value is that of the highest level, and of equals the first", () => {
  expect(worstOf({ mcpm2x5: 12, co2_ppm: 1_600, temperature: 21 }, INSIDE)).toMatchObject({
    name: "co2_ppm",
    value: 1_600,
  });
  expect(worstOf({ mcpm2x5: 12, co2_ppm: 900 }, INSIDE)).toMatchObject({ name: "mcpm2x5" });
  expect(
    worstOf({ voc_raw: 30_000, mcpm2x5: null, timestamp: "2026-07-01T00:00:00Z" }, INSIDE),
  ).toBeUndefined();
});

test("Values are written with their digits and unit, and never as −0", () => {
  expect(written("temperature", -0.04)).toBe("0.0");
  expect(written("temperature", -7.25)).toBe("−7.3");
  expect(withUnit("co2_ppm", 1_234.4)).toBe("1,234\u202fppm");
  expect(withUnit("voc_index", 101)).toBe("101");
  expect(Object.keys(SHOWN).length).toBe(18);
});
