import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DICTIONARY, formatBatch } from "../../../modules/telemetry/batch";
import { DeflateBlock } from "../../../modules/telemetry/deflate-block";
import type { Quantity } from "../../../modules/telemetry/reading";
import { MAX_INPUT_BYTES, zlibEncode } from "../../../modules/telemetry/zlib-encoder";
import { RESOLUTION } from "../../support/quantities";
import { fuzz, LONG } from "../../support/volume";
import { blockOf } from "../../xs/sample-readings";

/** A stored block in its frame: header, block header, checksum (RFC 1950, RFC 1951). */
const MAX_OVERHEAD_BYTES = 2 + 5 + 4;

/** An encoder parses nothing from outside: less than the full volume does. */
const CASES = LONG ? 20_000 : 2_000;

const WINDOW_BITS = 10;
const inflated = (bytes: Uint8Array) => new Uint8Array(inflateSync(bytes, { windowBits: WINDOW_BITS }));
const ascii = (text: string) => new TextEncoder().encode(text);

/** Bytes without any pattern, the same in every run. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

function expectRoundTrip(input: Uint8Array): void {
  const output = zlibEncode(input);
  expect(output.length).toBeLessThanOrEqual(input.length + MAX_OVERHEAD_BYTES);
  expect(Buffer.compare(inflated(output), input)).toBe(0);
}

const anyBytes = fc.uint8Array({ maxLength: 600 });
const fewSymbols = fc
  .array(fc.constantFrom(48, 49, 44, 45), { maxLength: 1200 })
  .map((a) => Uint8Array.from(a));
/** All symbols about equally often: long runs of equal code lengths. */
const sixBits = fc
  .tuple(fc.integer({ min: 0, max: 192 }), fc.uint8Array({ minLength: 200, maxLength: 600 }))
  .map(([base, bytes]) => bytes.map((byte) => base + (byte & 63)));
const repeated = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 100 }))
  .map(([part, times]) => Uint8Array.from({ length: part.length * times }, (_, i) => part[i % part.length]!));
const json = fc
  .record({
    epoch: fc.string(),
    seq: fc.nat(),
    co2: fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 300 }),
  })
  .map((value) => ascii(JSON.stringify(value)).subarray(0, MAX_INPUT_BYTES));
/** A passage that returns after up to 2 KB: matches at, just inside and beyond the window's edge. */
const farApart = fc
  .tuple(fc.uint8Array({ minLength: 3, maxLength: 300 }), fc.integer({ min: 700, max: 1300 }))
  .map(([part, apart]) => {
    const bytes = noise(apart + part.length);
    bytes.set(part.subarray(0, Math.min(part.length, apart)), 0);
    bytes.set(part, apart);
    return bytes;
  });

describe("whatever is encoded inflates to itself in a 1 KB window, and grows by at most 11 bytes", () => {
  const kinds = { anyBytes, fewSymbols, sixBits, repeated, json, farApart };
  test.each(Object.entries(kinds))("%s", (_name, kind) => {
    fc.assert(fc.property(kind, expectRoundTrip), fuzz(CASES));
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["one byte", Uint8Array.of(0)],
    ["two equal bytes", Uint8Array.of(7, 7)],
    ["4,096 zeros", new Uint8Array(MAX_INPUT_BYTES)],
    ["4,096 bytes of noise", noise(MAX_INPUT_BYTES)],
    ["every byte value", Uint8Array.from({ length: 256 }, (_, i) => i)],
    ["a match of exactly 258 and of 259 bytes", ascii(`${"a".repeat(259)}b${"a".repeat(260)}`)],
  ])("%s", (_name, input) => expectRoundTrip(input));

  test("bytes that a view shares with others are left alone", () => {
    const shared = ascii("xxxx1,1,1,1,1,1xxxx");
    expect(Buffer.from(inflated(zlibEncode(shared.subarray(4, 15)))).toString()).toBe("1,1,1,1,1,1");
  });
});

test("the smallest kind of block is taken", () => {
  const kindOf = (input: Uint8Array) => new DeflateBlock(input).kind;
  expect(kindOf(noise(500))).toBe("stored");
  expect(kindOf(ascii('{"co2":[417]}'))).toBe("fixed");
  expect(kindOf(noise(500).map((byte) => 48 + (byte % 10)))).toBe("dynamic");
});

test("the frame is RFC 1950's, with the window that is really used and the checksum of the input", () => {
  const output = zlibEncode(ascii("Wikipedia"));
  expect(output[0]! & 15).toBe(8);
  expect((output[0]! >> 4) + 8).toBe(WINDOW_BITS);
  expect(((output[0]! << 8) | output[1]!) % 31).toBe(0);
  expect(output[1]! & 0x20).toBe(0);
  expect([...output.subarray(-4)]).toEqual([0x11, 0xe6, 0x03, 0x98]);
});

describe("with a preset dictionary", () => {
  const dictionary = ascii(DICTIONARY);
  const encode = (input: Uint8Array): Uint8Array =>
    zlibEncode(Buffer.concat([dictionary, input]), dictionary.length);
  const withDictionary = (bytes: Uint8Array, other = dictionary) =>
    new Uint8Array(inflateSync(bytes, { windowBits: WINDOW_BITS, dictionary: other }));
  const reading = fc.record(
    Object.fromEntries(
      (Object.keys(RESOLUTION) as Quantity[]).map((quantity) => [
        quantity,
        fc.integer({ min: -500, max: 9_999 }).map((steps) => steps * RESOLUTION[quantity]),
      ]),
    ),
    { requiredKeys: [] },
  );
  const batches = fc.tuple(
    fc.array(reading, { minLength: 1, maxLength: 30 }),
    fc.integer({ min: 1, max: 2 ** 31 }),
    fc.boolean(),
  );
  const blockOfBatch = ([values, seq, isDated]: [object[], number, boolean]) =>
    blockOf(
      values.map((each, i) => ({
        ...{ seq: seq + i, boot: 3, uptimeSeconds: 60 * i, values: each },
        ...(isDated && { unixSeconds: 1_800_000_000 + 60 * i }),
      })),
    );

  test.each(Object.entries({ anyBytes, fewSymbols, sixBits, repeated, json, farApart }))(
    "%s inflates to itself in a 1 KB window, and grows by at most 15 bytes",
    (_name, kind) => {
      fc.assert(
        fc.property(kind, (input) => {
          const output = encode(input);
          expect(output.length).toBeLessThanOrEqual(input.length + MAX_OVERHEAD_BYTES + 4);
          expect(Buffer.compare(withDictionary(output), input)).toBe(0);
        }),
        fuzz(CASES / 5),
      );
    },
  );

  test("any batch inflates to the same text as without, and never without the dictionary", () => {
    const wrong = ascii(DICTIONARY.replace("pm1", "pm3"));
    fc.assert(
      fc.property(batches, (drawn) => {
        const block = blockOfBatch(drawn);
        const { json: plain } = formatBatch(block, "5c0ffee1");
        const { json: primed, count } = formatBatch(block, "5c0ffee1", DICTIONARY);
        expect(count).toBe(block.length);
        const output = zlibEncode(primed, DICTIONARY.length);
        expect(Buffer.compare(withDictionary(output), plain)).toBe(0);
        expect(() => inflateSync(output)).toThrow("Missing dictionary");
        expect(() => withDictionary(output, wrong)).toThrow("Bad dictionary");
      }),
      fuzz(CASES / 10),
    );
  });

  test("the frame says so, by the checksum of the dictionary (RFC 1950, DICTID)", () => {
    const output = encode(ascii("Wikipedia"));
    expect(((output[0]! << 8) | output[1]!) % 31).toBe(0);
    expect(output[1]! & 0x20).toBe(0x20);
    // What zlib itself writes there.
    const theirs = deflateSync("Wikipedia", { dictionary });
    expect([...output.subarray(2, 6)]).toEqual([...theirs.subarray(2, 6)]);
    expect([...output.subarray(-4)]).toEqual([0x11, 0xe6, 0x03, 0x98]);
  });

  test("4,096 bytes go beside it, and no more", () => {
    const input = noise(MAX_INPUT_BYTES);
    expect(Buffer.compare(withDictionary(encode(input)), input)).toBe(0);
    expect(() => encode(noise(MAX_INPUT_BYTES + 1))).toThrow(RangeError);
  });
});

test("more than 4,096 bytes is misuse", () => {
  expect(() => zlibEncode(new Uint8Array(MAX_INPUT_BYTES + 1))).toThrow(RangeError);
});

describe("working memory and output together", () => {
  afterEach(() => vi.unstubAllGlobals());

  const RealArrayBuffer = ArrayBuffer;

  /** Bytes of all buffers that `run` makes, whether directly or by a typed array of its own. */
  function allocatedBy(run: () => void): number {
    let sum = 0;
    for (const name of ["ArrayBuffer", "Uint8Array", "Uint16Array", "Uint32Array"] as const) {
      const counting = new Proxy(globalThis[name] as typeof Uint8Array, {
        construct(target, args): Uint8Array {
          const made: Uint8Array = Reflect.construct(target, args);
          if (!(args[0] instanceof RealArrayBuffer)) sum += made.byteLength;
          return made;
        },
      });
      vi.stubGlobal(name, counting);
    }
    run();
    vi.unstubAllGlobals();
    return sum;
  }

  test.each([
    ["noise, which no block but a stored one holds", noise(MAX_INPUT_BYTES)],
    ["zeros", new Uint8Array(MAX_INPUT_BYTES)],
    ["numbers", ascii("12,-3,0,4,".repeat(400))],
  ])("stay within 8 KB for 4,096 bytes of %s", (_name, input) => {
    let output = 0;
    const allocated = allocatedBy(() => {
      output = zlibEncode(input).length;
    });
    expect(allocated - output).toBe(3571);
    expect(allocated).toBeLessThanOrEqual(8192);
    // What stands before as a dictionary is the input's, and takes nothing of its own.
    const half = input.length >> 1;
    expect(allocatedBy(() => zlibEncode(input, half)) - zlibEncode(input, half).length).toBe(3571);
  });
});
