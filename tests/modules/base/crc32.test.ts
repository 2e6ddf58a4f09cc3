import * as fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "../../../modules/base/crc32";
import { fuzz } from "../../support/volume";

const ascii = (text: string) => new TextEncoder().encode(text);

test("the catalogue's check value and zlib's examples", () => {
  expect(crc32(ascii("123456789"))).toBe(0xcbf43926);
  expect(crc32(ascii(""))).toBe(0);
  expect(crc32(ascii("a"))).toBe(0xe8b7be43);
  expect(crc32(new Uint8Array(32).fill(0xff))).toBe(0xff6cab0b);
});

test("taken piece by piece it is the same as in one go", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      expect(crc32(bytes, at, bytes.length, crc32(bytes, 0, at))).toBe(crc32(bytes));
      expect(crc32(bytes, at)).toBe(crc32(bytes.slice(at)));
    }),
    fuzz(),
  );
});

test("no single flipped bit goes unseen", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (bytes, where) => {
      const bit = where % (bytes.length * 8);
      const flipped = bytes.slice();
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
      expect(crc32(flipped)).not.toBe(crc32(bytes));
    }),
    fuzz(),
  );
});
