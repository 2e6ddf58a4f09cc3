import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseStatus, putAir, putIndices } from "../../../../modules/sensor/particles/particle-values";
import type { Measurement } from "../../../../modules/telemetry/reading";
import { fuzz } from "../../../support/volume";

const words = (...list: number[]) => Uint8Array.from(list.flatMap((word) => [word >> 8, word & 0xff]));
const parseValues = (data: Uint8Array): Measurement => {
  const values: Measurement = {};
  putAir(values, data, 0);
  putIndices(values, data, 0);
  return values;
};

describe("values", () => {
  test("in their units", () => {
    expect(parseValues(words(101, 120, 130, 140, 4500, 4500, 1000, 10))).toEqual({
      pm1: 10.1,
      pm2_5: 12,
      pm4: 13,
      pm10: 14,
      humidity: 45,
      temperature: 22.5,
      voc: 100,
      nox: 1,
    });
  });

  test("frost is below zero", () => {
    expect(parseValues(words(0, 0, 0, 0, 0, 0xffff - 1999, 10, 10))).toMatchObject({
      temperature: -10,
      pm1: 0,
    });
  });

  test("unknown ones are absent", () => {
    expect(parseValues(words(0xffff, 0xffff, 0xffff, 0xffff, 0x7fff, 0x7fff, 0x7fff, 0x7fff))).toEqual({});
  });

  test("an index of 0, as it is while the sensor learns, is no index", () => {
    const values = parseValues(words(1, 1, 1, 1, 1, 1, 0, 0));
    expect(values).not.toHaveProperty("voc");
    expect(values).not.toHaveProperty("nox");
  });

  test("whatever the sensor says, values are in range or absent", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (data) => {
        const { pm2_5 = 0, humidity = 0, temperature = 0, voc = 1, nox = 1 } = parseValues(data);
        expect(pm2_5 >= 0 && pm2_5 <= 6553.4).toBe(true);
        expect(humidity >= 0 && humidity <= 100).toBe(true);
        expect(temperature >= -163.84 && temperature <= 163.83).toBe(true);
        expect(voc >= 1 && voc <= 500 && nox >= 1 && nox <= 500).toBe(true);
      }),
      fuzz(),
    );
  });
});

// The examples of python-i2c-sen5x, tests/response_types/test_device_status.py.
test.each([
  [0x00000000, undefined],
  [0x00000010, "fan failure"],
  [0x00000020, "laser failure"],
  [0x00000040, "humidity sensor failure"],
  [0x00000080, "gas sensor failure"],
  [0x00080000, undefined],
  [0x00200000, "fan speed out of range"],
  [0x00080011, "fan failure"],
])("status %i tells of %s", (flags, expected) => {
  expect(parseStatus(flags)).toBe(expected);
});
