import fc from "fast-check";
import { expect, test } from "vitest";
import { FORMATS } from "../../../modules/update/formats";
import { type Judge, type Manifest, parseManifest, refusalOf } from "../../../modules/update/manifest";
import { manifestOf } from "../../support/signed-release";
import { fuzz } from "../../support/volume";

const IMAGE = Uint8Array.from({ length: 10_000 }, (_, i) => i * 7);
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parse = (changes: Record<string, unknown> = {}) =>
  parseManifest(bytes({ ...manifestOf(IMAGE), ...changes }));
const sample = (changes: Record<string, unknown> = {}) => parse(changes) as Manifest;
const without = (name: string) => {
  const { [name]: _, ...rest } = manifestOf(IMAGE);
  return parseManifest(bytes(rest));
};

test("A manifest is read", () => {
  expect(parse()).toMatchObject({
    release: 12,
    version: "0.3.0",
    boards: ["simulator"],
    size: 10_000,
    block: 4_096,
    from: 1,
    floor: 1,
    formats: { journal: 1, settings: 1, credentials: 1 },
    iat: 1_780_000_000,
    expires: 1_790_000_000,
  });
  expect(sample().blocks).toHaveLength(3 * 16);
});

test("What a later release says beside it is passed over", () => {
  expect(parse({ notes: { de: "Neu" } })).toHaveProperty("release", 12);
  expect(parse({ formats: { journal: 1, settings: 1, credentials: 1, mesh: 4 } })).toHaveProperty(
    "release",
    12,
  );
});

test("It may last for ever", () => {
  expect(without("expires")).toHaveProperty("expires", undefined);
});

test.each(Object.keys(manifestOf(IMAGE)).filter((name) => name !== "expires"))(
  "%s cannot be left out",
  (name) => {
    expect(without(name)).toHaveProperty("fault");
  },
);

test.each([
  ["manifest-version", { v: 2 }],
  ["bad-manifest", { v: "1" }],
  ["bad-manifest", { release: 0 }],
  ["bad-manifest", { release: -1 }],
  ["bad-manifest", { release: 1.5 }],
  ["bad-manifest", { release: "12" }],
  ["bad-manifest", { release: 2 ** 32 }],
  ["bad-manifest", { version: "" }],
  ["bad-manifest", { version: "1 2" }],
  ["bad-manifest", { version: "é" }],
  ["bad-manifest", { version: "x".repeat(41) }],
  ["bad-manifest", { boards: [] }],
  ["bad-manifest", { boards: "simulator" }],
  ["bad-manifest", { boards: [7] }],
  ["bad-manifest", { boards: Array(9).fill("a") }],
  ["bad-manifest", { size: 0 }],
  ["bad-manifest", { sha256: "00" }],
  ["bad-manifest", { sha256: "A".repeat(64) }],
  ["bad-manifest", { sha256: `${"a".repeat(64)}\n` }],
  ["bad-manifest", { floor: 13 }],
  ["bad-manifest", { from: -1 }],
  ["bad-manifest", { formats: [] }],
  ["bad-manifest", { formats: { journal: 1, settings: 1 } }],
  ["bad-manifest", { formats: { journal: 0, settings: 1, credentials: 1 } }],
  ["bad-manifest", { iat: 0 }],
  ["bad-manifest", { expires: 1_780_000_000 }],
  ["bad-manifest", { expires: null }],
  ["bad-blocks", { block: 0 }],
  ["bad-blocks", { blocks: 7 }],
  ["bad-blocks", { blocks: "" }],
  ["bad-blocks", { blocks: "A".repeat(63) }],
  ["bad-blocks", { blocks: Buffer.alloc(2 * 16).toString("base64url") }],
  ["bad-blocks", { blocks: Buffer.alloc(4 * 16).toString("base64url") }],
  ["bad-blocks", { blocks: "=".repeat(64) }],
  ["bad-blocks", { size: 4_096 }],
])("%s: %j", (fault, changes) => {
  expect(parse(changes)).toEqual({ fault });
});

test.each([4_095, 5_000, 266_240])("Blocks of %i bytes are refused", (block) => {
  const hashes = Buffer.alloc(16 * Math.ceil(IMAGE.length / block)).toString("base64url");
  expect(parseManifest(bytes({ ...manifestOf(IMAGE), block, blocks: hashes }))).toEqual({
    fault: "bad-blocks",
  });
});

const HERE: Judge = {
  boardId: "simulator",
  release: 9,
  confirmed: 9,
  floor: 7,
  slotBytes: 65_536,
  formats: FORMATS,
  unixMs: 1_785_000_000_000,
};

test.each([
  [undefined, {}, {}],
  [undefined, { boards: ["esp32", "simulator"] }, {}],
  ["wrong-board", { boards: ["esp32"] }, {}],
  ["wrong-board", { boards: ["simulator2", "simulato"] }, {}],
  [undefined, { release: 10 }, {}],
  ["not-newer", { release: 9 }, {}],
  ["not-newer", { release: 8 }, {}],
  ["not-newer", { release: 12 }, { confirmed: 12 }],
  [undefined, { release: 13 }, { confirmed: 12 }],
  ["below-floor", { release: 10, floor: 1 }, { floor: 11 }],
  [undefined, { release: 11, floor: 1 }, { floor: 11 }],
  ["stepping-stone", { from: 10 }, {}],
  [undefined, { from: 9 }, {}],
  ["too-large", {}, { slotBytes: 9_999 }],
  [undefined, {}, { slotBytes: 10_000 }],
  ["formats", { formats: { journal: 3, settings: 1, credentials: 1 } }, {}],
  [undefined, { formats: { journal: 2, settings: 2, credentials: 2 } }, {}],
  ["formats", {}, { formats: { ...FORMATS, settings: 2 } }],
  ["formats", {}, { formats: { ...FORMATS, credentials: 3 } }],
  ["expired", {}, { unixMs: 1_790_000_000_000 }],
  [undefined, {}, { unixMs: 1_789_999_999_999 }],
  [undefined, {}, { unixMs: undefined }],
  [undefined, { expires: undefined }, { unixMs: 4_000_000_000_000 }],
] as [string | undefined, Record<string, unknown>, Partial<Judge>][])(
  "%s: %j here %j",
  (refusal, changes, here) => {
    expect(refusalOf(sample(changes), { ...HERE, ...here })).toBe(refusal);
  },
);

test("The highest number of a release that was only seen counts for nothing: a fast-forward locks nobody out", () => {
  expect(refusalOf(sample({ release: 0xffff_ffff }), HERE)).toBeUndefined();
  expect(refusalOf(sample({ release: 10 }), HERE)).toBeUndefined();
});

test("Any bytes are read without a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
      expect(parseManifest(input)).toHaveProperty("fault");
    }),
    fuzz() as never,
  );
});

test("Any JSON in any place is read without a throw, and what is read is of its form", () => {
  const names = Object.keys(manifestOf(IMAGE));
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 1 }), (name, value) => {
      const parsed = parse({ [name]: value });
      if ("fault" in parsed) return;
      expect(parsed.blocks.length).toBe(16 * Math.ceil(parsed.size / parsed.block));
      expect(parsed.floor).toBeLessThanOrEqual(parsed.release);
    }),
    fuzz() as never,
  );
});
