import fc from "fast-check";
import { expect, test } from "vitest";
import { TOKENIZER_BYTES, Tokenizer } from "../../../modules/telemetry/lz77";
import { fuzz, LONG } from "../../support/volume";

/** An encoder parses nothing from outside: less than the full volume does. */
const CASES = LONG ? 20_000 : 2_000;

type Token = { length: number; distance: number };

function tokensOf(input: Uint8Array, start = 0): Token[] {
  const tokenizer = new Tokenizer(input, new ArrayBuffer(TOKENIZER_BYTES), start);
  const tokens: Token[] = [];
  while (tokenizer.next()) {
    const { length, distance } = tokenizer;
    tokens.push({ length, distance: length === 1 ? 0 : distance });
  }
  return tokens;
}

const ascii = (text: string) => new TextEncoder().encode(text);
const literals = (count: number): Token[] =>
  Array.from({ length: count }, () => ({ length: 1, distance: 0 }));

/** `apart` bytes that begin with a passage of 8 bytes found nowhere else, and the passage again. */
function returning(apart: number): Uint8Array {
  const passage = ascii("01234567");
  const bytes = Uint8Array.from({ length: apart + 8 }, (_, i) => 128 + ((Math.imul(i, 7919) >> 5) % 128));
  bytes.set(passage, 0);
  bytes.set(passage, apart);
  return bytes;
}

test("the tokens give the input back, with lengths of 3–258 and distances within the window", () => {
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 1500 }).map((a) => Uint8Array.from(a)),
    fc.integer({ min: 900, max: 1200 }).map(returning),
  );
  fc.assert(
    fc.property(inputs, (input) => {
      const output: number[] = [];
      for (const { length, distance } of tokensOf(input)) {
        if (length === 1) output.push(input[output.length]!);
        else {
          expect(length).toBeGreaterThanOrEqual(3);
          expect(length).toBeLessThanOrEqual(258);
          expect(distance).toBeGreaterThanOrEqual(1);
          expect(distance).toBeLessThanOrEqual(1024);
          for (let i = 0; i < length; i++) output.push(output[output.length - distance]!);
        }
      }
      expect(Buffer.compare(Uint8Array.from(output), input)).toBe(0);
    }),
    fuzz(CASES),
  );
});

test("a passage is found 1,024 bytes back, and no further", () => {
  expect(tokensOf(returning(1024)).at(-1)).toEqual({ length: 8, distance: 1024 });
  expect(tokensOf(returning(1025)).slice(-8)).toEqual(literals(8));
});

test("of equally long passages the nearest is taken, of others the longest", () => {
  expect(tokensOf(ascii("abcd-abcx+abcd")).at(-1)).toEqual({ length: 4, distance: 10 });
  expect(tokensOf(ascii("abc1abc2abc3")).slice(-2)).toEqual([{ length: 3, distance: 4 }, ...literals(1)]);
});

test("a match gives way to a longer one that begins a byte later", () => {
  expect(tokensOf(ascii("bcdefg,abc.+abcdefg")).slice(-2)).toEqual([
    ...literals(1),
    { length: 6, distance: 13 },
  ]);
});

test("what stands before the start is no token, and matches reach into it", () => {
  expect(tokensOf(ascii("abcdefgh-defgh"), 9)).toEqual([{ length: 5, distance: 6 }]);
  expect(tokensOf(ascii("aaaaaa"), 1)).toEqual([{ length: 5, distance: 1 }]);
  expect(tokensOf(ascii("abc"), 3)).toEqual([]);
});

test("a run is a match that overlaps itself", () => {
  expect(tokensOf(ascii("aaaaaaaaaa"))).toEqual([...literals(1), { length: 9, distance: 1 }]);
});
