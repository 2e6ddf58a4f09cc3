// modules/signed on mbedTLS, under AddressSanitizer and UBSan, beside Node's crypto and plain whole numbers: one verdict.
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { nodeSignatures } from "../../sim/device/node-signatures";
import { limit } from "../support/limit";
import { FUZZ_CASES, LONG, SEED } from "../support/volume";
import { buildVerifier, MBEDTLS_VERSION } from "../tls/support/engine-driver";
import { SIGNATURE_CASES } from "../xs/signature-cases";
import * as p256 from "./p256";

const LIMIT_MS = LONG ? 1_200_000 : 60_000;
const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex") || "-";

interface Vector {
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const TABLE = SIGNATURE_CASES.map(({ key, message, signature, ...rest }) => ({
  ...rest,
  ...{ key: fromHex(key), message: Buffer.from(message), signature: fromHex(signature) },
}));

/** A good one of a new key. */
function fresh(message: Uint8Array): Vector {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = publicKey.export({ format: "der", type: "spki" }).subarray(-65);
  return { key, message, signature: sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }) };
}

describe.each(TABLE)("$name", ({ key, message, signature, good }) => {
  it(`is ${good ? "good" : "refused"} by plain whole numbers and by Node`, () => {
    expect(p256.verifyEs256(key, message, signature)).toBe(good);
    expect(nodeSignatures.verifyEs256(key, message, signature)).toBe(good);
  });
});

describe.skipIf(!MBEDTLS_VERSION)(`signatures on mbedTLS ${MBEDTLS_VERSION}`, () => {
  let driver: string;
  beforeAll(() => {
    driver = buildVerifier();
  }, limit(120_000));
  const run = (args: readonly string[], lines: readonly string[]): string[] =>
    execFileSync(driver, args, { input: `${lines.join("\n")}\n`, encoding: "utf8" })
      .trim()
      .split("\n");
  const line = ({ key, message, signature }: Vector) => [key, message, signature].map(hex).join(" ");
  const judge = (vectors: readonly Vector[]): boolean[] =>
    run(["judge"], vectors.map(line)).map((each) => each === "1");

  it("are judged as the table of cases has it", () => {
    const verdicts = judge(TABLE);
    expect(Object.fromEntries(TABLE.map(({ name }, i) => [name, verdicts[i]]))).toEqual(
      Object.fromEntries(TABLE.map(({ name, good }) => [name, good])),
    );
  });

  it("agree with Node's on new keys, and on each byte of key, message and signature changed", () => {
    const vector = fresh(Buffer.from("aerolink"));
    const changed = (["key", "message", "signature"] as const).flatMap((part) =>
      Array.from(vector[part], (byte, at) => ({
        ...vector,
        [part]: vector[part].map((each, i) => (i === at ? byte ^ (1 << (at % 8)) : each)),
      })),
    );
    const all = [vector, ...[0, 1, 55, 64, 1_000].map((length) => fresh(new Uint8Array(length))), ...changed];
    const ofNode = all.map(({ key, message, signature }) =>
      nodeSignatures.verifyEs256(key, message, signature),
    );
    expect(ofNode.filter(Boolean)).toHaveLength(6);
    expect(judge(all)).toEqual(ofNode);
  });

  it(
    "take no harm from mutated keys, messages and signatures, and accept none",
    () => {
      // A verification takes milliseconds under the sanitizers.
      const count = LONG ? FUZZ_CASES : 500;
      const [json] = run(["fuzz", String(count), String(SEED)], [line(fresh(Buffer.from("a manifest")))]);
      const { accepted, unchanged } = JSON.parse(json!) as { accepted: number; unchanged: number };
      if (LONG) console.log(`ES256 fuzz, seed ${SEED}, ${count}: ${json}`);
      expect(accepted).toBe(0);
      expect(unchanged).toBeLessThan(count / 10);
    },
    LIMIT_MS,
  );

  it("are refused, and nothing leaks, whichever allocation fails", () => {
    const [json] = run(["memory", LONG ? "1" : "97"], [line(TABLE[0]!)]);
    expect((JSON.parse(json!) as { refused: number }).refused).toBeGreaterThan(10);
  });

  it("hash what FIPS 180-4 hashes, in any parts, and are over with the digest", () => {
    const texts = ["", "abc", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"].map((text) =>
      Buffer.from(text),
    );
    const million = Buffer.alloc(1_000_000, "a");
    const lines = [...texts, million.subarray(0, 100_000)].map((text) => hex(text));
    const parts = Array.from({ length: 10 }, () => hex(million.subarray(0, 64))).join(" ");
    expect(run(["hash"], [...lines, parts, "61 - 6263"])).toEqual([
      ...[...texts, million.subarray(0, 100_000), million.subarray(0, 640)].map((bytes) =>
        createHash("sha256").update(bytes).digest("hex"),
      ),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ]);
  });
});
