import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLine, Lines, parseLine } from "../../../sim/world/wire-line";
import { fuzz } from "../../support/volume";

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const decode = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

test("Any message comes back from its line as it was, bytes at any depth included", () => {
  const leaf = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.integer(),
    fc.boolean(),
    fc.uint8Array({ maxLength: 6 }),
  );
  const member = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.record({ inner: leaf }));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("t", "bytes", "found", "text"), member), (message) => {
      const line = formatLine(message, encode);
      expect(line).not.toContain("\n");
      expect(parseLine(line, decode)).toEqual({ ...message });
    }),
    fuzz(100),
  );
});

test("A Node buffer is bytes too", () => {
  expect(parseLine(formatLine({ bytes: Buffer.from([0, 255]) }, encode), decode)).toEqual({
    bytes: new Uint8Array([0, 255]),
  });
});

test("Lines come whole, however the text is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme-ascii" })), fc.nat(20), (texts, size) => {
      const lines = new Lines();
      const text = texts.map((each) => `${each}\n`).join("");
      const got: string[] = [];
      for (let at = 0; at < text.length; at += size + 1)
        got.push(...lines.take(text.slice(at, at + size + 1)));
      expect(got).toEqual(texts);
    }),
    fuzz(100),
  );
});
