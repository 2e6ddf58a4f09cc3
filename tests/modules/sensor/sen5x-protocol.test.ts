import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatCommand,
  parseAnswer,
  parseStatus,
  parseText,
  parseValues,
  parseVersion,
} from "../../../modules/sensor/sen5x-protocol";
import { crcOf, onBus } from "../../support/fake-sen5x";
import { fuzz } from "../../support/volume";

const words = (...list: number[]) => Uint8Array.from(list.flatMap((word) => [word >> 8, word & 0xff]));
const answer = (...list: number[]) => Uint8Array.from(list.flatMap(onBus));

describe("words and their CRC", () => {
  test("Sensirion's example: 0xBEEF has the CRC 0x92", () => {
    expect(crcOf(0xbeef)).toBe(0x92);
    expect(formatCommand(0x8004, [0xbeef])).toEqual(Uint8Array.of(0x80, 0x04, 0xbe, 0xef, 0x92));
    expect(parseAnswer(Uint8Array.of(0xbe, 0xef, 0x92))).toEqual(Uint8Array.of(0xbe, 0xef));
  });

  test("a command without arguments is its two bytes", () => {
    expect(formatCommand(0x0021, [])).toEqual(Uint8Array.of(0x00, 0x21));
  });

  test("an answer of half a word, or with one wrong CRC among right ones, is none", () => {
    expect(parseAnswer(Uint8Array.of(0xbe, 0xef))).toBeUndefined();
    expect(parseAnswer(Uint8Array.of(0xbe, 0xef, 0x92, 0xbe, 0xef, 0x93))).toBeUndefined();
  });

  test("what one side formats, the other takes; one flipped bit, and it does not", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 16 }), fc.nat(), (list, where) => {
        expect(formatCommand(0x1234, list).subarray(2)).toEqual(answer(...list));
        expect(parseAnswer(answer(...list))).toEqual(words(...list));
        const flipped = answer(...list);
        const bit = where % (flipped.length * 8);
        flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
        expect(parseAnswer(flipped)).toBeUndefined();
      }),
      fuzz(),
    );
  });
});

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

describe("text", () => {
  test("ends at its NUL", () => {
    expect(parseText(words(0x5345, 0x4e35, 0x3500, 0x4142))).toBe("SEN55");
  });

  test("never holds what is not printable", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 32 }), (data) => {
        expect(parseText(data)).toMatch(/^[ -~]*$/);
      }),
      fuzz(),
    );
  });

  test("a version is its first two bytes", () => {
    expect(parseVersion(words(0x0200, 0x0004, 0x0001, 0))).toBe("2.0");
  });
});

// The examples of python-i2c-sen5x, tests/response_types/test_device_status.py.
test.each([
  [0x00000000, []],
  [0x00000010, ["fan failure"]],
  [0x00000020, ["laser failure"]],
  [0x00000040, ["humidity sensor failure"]],
  [0x00000080, ["gas sensor failure"]],
  [0x00080000, []],
  [0x00200000, ["fan speed out of range"]],
  [0x00080011, ["fan failure"]],
])("status %i tells of %j", (flags, expected) => {
  expect(parseStatus(words(flags >>> 16, flags & 0xffff))).toEqual(expected);
});
