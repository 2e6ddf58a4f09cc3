import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatCommand,
  parseSerial,
  parseText,
  parseVersion,
  parseWords,
} from "../../../../modules/sensor/sensirion/words";
import { crcOf, onBus } from "../../../support/fake-sen5x";
import { fuzz } from "../../../support/volume";

const words = (...list: number[]) => Uint8Array.from(list.flatMap((word) => [word >> 8, word & 0xff]));
const answer = (...list: number[]) => Uint8Array.from(list.flatMap(onBus));

describe("words and their CRC", () => {
  test("Sensirion's example: 0xBEEF has the CRC 0x92", () => {
    expect(crcOf(0xbeef)).toBe(0x92);
    expect(formatCommand(0x8004, [0xbeef])).toEqual(Uint8Array.of(0x80, 0x04, 0xbe, 0xef, 0x92));
    expect(parseWords(Uint8Array.of(0xbe, 0xef, 0x92))).toEqual(Uint8Array.of(0xbe, 0xef));
  });

  test("a command without arguments is its two bytes", () => {
    expect(formatCommand(0x0021, [])).toEqual(Uint8Array.of(0x00, 0x21));
  });

  test("an answer of half a word, or with one wrong CRC among right ones, is none", () => {
    expect(parseWords(Uint8Array.of(0xbe, 0xef))).toBeUndefined();
    expect(parseWords(Uint8Array.of(0xbe, 0xef, 0x92, 0xbe, 0xef, 0x93))).toBeUndefined();
  });

  test("what one side formats, the other takes; one flipped bit, and it does not", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 16 }), fc.nat(), (list, where) => {
        expect(formatCommand(0x1234, list).subarray(2)).toEqual(answer(...list));
        expect(parseWords(answer(...list))).toEqual(words(...list));
        const flipped = answer(...list);
        const bit = where % (flipped.length * 8);
        flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
        expect(parseWords(flipped)).toBeUndefined();
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

  test("a serial number of three words is twelve hexadecimal digits", () => {
    expect(parseSerial(words(0xf896, 0x9f07, 0x3bbe))).toBe("F8969F073BBE");
    expect(parseSerial(words(0x0001, 0, 0))).toBe("000100000000");
  });
});
