import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRange } from "../../../tools/release/byte-range";
import { fuzz } from "../../support/volume";

test.each([
  [undefined, "whole"],
  ["bytes=0-65535", { first: 0, last: 65_535 }],
  ["bytes=65536-131071", { first: 65_536, last: 99_999 }],
  ["BYTES=5-5", { first: 5, last: 5 }],
  ["bytes=99999-", { first: 99_999, last: 99_999 }],
  ["bytes=-10", { first: 99_990, last: 99_999 }],
  ["bytes=-200000", { first: 0, last: 99_999 }],
  ["lines=1-2", "whole"],
  ["bytes=100000-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=-", "unsatisfiable"],
  ["bytes=7-5", "unsatisfiable"],
  ["bytes=0-1,4-5", "unsatisfiable"],
  ["bytes=0x0-0x5", "unsatisfiable"],
  ["bytes", "unsatisfiable"],
  ["", "unsatisfiable"],
])("Range %j of 100,000 bytes is %j", (header, expected) => {
  expect(parseRange(header, 100_000)).toEqual(expected);
});

test("Whatever is asked, what is answered lies within", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc
      .tuple(fc.constantFrom("bytes=", "bytes =", "Bytes=", "x="), fc.stringMatching(/^[\d,\- ]{0,24}$/))
      .map(([unit, rest]) => unit + rest),
  );
  fc.assert(
    fc.property(text, fc.nat({ max: 3_000_000 }), (header, size) => {
      const range = parseRange(header, size);
      if (typeof range === "string") return;
      expect(range.first).toBeGreaterThanOrEqual(0);
      expect(range.last).toBeGreaterThanOrEqual(range.first);
      expect(range.last).toBeLessThan(size);
    }),
    fuzz(),
  );
});
