import fc from "fast-check";
import { expect, test } from "vitest";
import { assignCodes, buildCodeLengths, HUFFMAN_BYTES } from "../../../modules/telemetry/huffman";
import { fuzz, LONG } from "../../support/volume";

/** An encoder parses nothing from outside: less than the full volume does. */
const CASES = LONG ? 20_000 : 2_000;

const memory = () => new ArrayBuffer(HUFFMAN_BYTES);

function lengthsOf(counts: number[], maxBits: number): number[] {
  const lengths = new Uint8Array(counts.length);
  buildCodeLengths(Uint16Array.from(counts), lengths, maxBits, memory());
  return [...lengths];
}

const cost = (counts: number[], lengths: number[]) =>
  counts.reduce((sum, count, symbol) => sum + count * lengths[symbol]!, 0);

/** Bits of the best prefix code without a length limit: the sum of the weights of all joined nodes. */
function huffmanCost(counts: number[]): number {
  const weights = counts.filter((count) => count > 0);
  let bits = 0;
  while (weights.length > 1) {
    weights.sort((a, b) => b - a);
    const joined = weights.pop()! + weights.pop()!;
    bits += joined;
    weights.push(joined);
  }
  return bits;
}

const counts = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 220 })), {
  minLength: 1,
  maxLength: 288,
});

test("every symbol that occurs has a code, no other has, and the codes fill the code space", () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 9, max: 15 }), (counts, maxBits) => {
      const lengths = lengthsOf(counts, maxBits);
      const used = counts.filter((count) => count > 0).length;
      const sum = lengths.reduce((sum, length) => sum + (length ? 2 ** -length : 0), 0);
      expect(lengths.map((length) => length > 0)).toEqual(counts.map((count) => count > 0));
      expect(Math.max(...lengths)).toBeLessThanOrEqual(maxBits);
      expect(sum).toBe(used === 0 ? 0 : used === 1 ? 0.5 : 1);
    }),
    fuzz(CASES),
  );
});

test("without need to limit them, the lengths cost what Huffman's algorithm costs", () => {
  fc.assert(
    fc.property(counts, (counts) => {
      fc.pre(counts.filter((count) => count > 0).length > 1);
      expect(cost(counts, lengthsOf(counts, 15))).toBe(huffmanCost(counts));
    }),
    fuzz(500),
  );
});

test("Fibonacci counts, the deepest tree there is, stay within 7 bits and fill the code space", () => {
  const fibonacci = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 0];
  const lengths = lengthsOf(fibonacci, 7);
  expect(Math.max(...lengths)).toBe(7);
  expect(lengths.reduce((sum, length) => sum + (length ? 2 ** -length : 0), 0)).toBe(1);
  expect(lengths[17]).toBe(1);
});

test("codes are those of the example in RFC 1951, 3.2.2, with their bits reversed", () => {
  const codes = new Uint16Array(8);
  assignCodes(Uint8Array.of(3, 3, 3, 3, 3, 2, 4, 4), codes, memory());
  expect([...codes]).toEqual([0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111]);
});
