import fc from "fast-check";
import { expect, test } from "vitest";
import type { SignatureCheck } from "../../../modules/signed/crypto";
import { verifyJws } from "../../../modules/signed/jws";
import { nodeSignatures } from "../../../sim/device/node-signatures";
import { makeSigner, signJws, TYP } from "../../support/signed-release";
import { fuzz } from "../../support/volume";

const signer = makeSigner();
const other = makeSigner();
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

function verify(
  jws: string | Uint8Array,
  keys = [signer.publicKey],
  signatures: SignatureCheck = nodeSignatures,
) {
  return verifyJws(typeof jws === "string" ? ascii(jws) : jws, { typ: TYP, keys, signatures });
}

/** Counts what is expensive on a device. */
function counting(): { signatures: SignatureCheck; tried: () => number } {
  let count = 0;
  return {
    signatures: {
      ...nodeSignatures,
      verifyEs256(...all) {
        count++;
        return nodeSignatures.verifyEs256(...all);
      },
    },
    tried: () => count,
  };
}

test("What a known key has signed is believed, byte for byte", () => {
  expect(verify(signJws(signer, '{"v":1}'))).toEqual({ payload: ascii('{"v":1}') });
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(verify(signJws(signer, all))).toEqual({ payload: all });
});

test("Any of three keys may have signed, and a fourth is nobody's", () => {
  const keys = [makeSigner(), makeSigner(), other].map(({ publicKey }) => publicKey);
  expect(verify(signJws(other, "x"), keys)).toHaveProperty("payload");
  expect(verify(signJws(signer, "x"), [...keys, signer.publicKey])).toEqual({ fault: "bad-signature" });
});

test("kid says which key is tried first, and nothing else", () => {
  const keys = [makeSigner().publicKey, makeSigner().publicKey, signer.publicKey];
  const hinted = counting();
  expect(verify(signJws(signer, "x"), keys, hinted.signatures)).toHaveProperty("payload");
  expect(hinted.tried()).toBe(1);
  const blind = counting();
  expect(verify(signJws(signer, "x", { kid: undefined }), keys, blind.signatures)).toHaveProperty("payload");
  expect(blind.tried()).toBe(3);
  expect(verify(signJws(signer, "x", { kid: other.kid }), keys)).toHaveProperty("payload");
  expect(verify(signJws(other, "x", { kid: signer.kid }), keys)).toEqual({ fault: "bad-signature" });
});

const part = (text: string) => Buffer.from(text).toString("base64url");
const signed = signJws(signer, '{"v":1}');
const [header, payload, signature] = signed.split(".");

test.each([
  ["no-keys", signed, []],
  ["no-keys", signed, ["", "AAAA", part("x".repeat(65)), `${signer.publicKey}=`, "é".repeat(87)]],
  ["bad-signature", signed, [other.publicKey]],
  ["bad-signature", `${header}.${payload}.${part("\0".repeat(64))}`],
  ["bad-signature", `${header}.${part('{"v":2}')}.${signature}`],
  ["wrong-alg", signJws(signer, "x", { alg: "none" })],
  ["wrong-alg", signJws(signer, "x", { alg: "HS256" })],
  ["wrong-alg", signJws(signer, "x", { alg: "ES384" })],
  ["wrong-alg", signJws(signer, "x", { alg: "es256" })],
  ["wrong-alg", signJws(signer, "x", { alg: undefined })],
  ["wrong-alg", signJws(signer, "x", { alg: 1 })],
  ["wrong-type", signJws(signer, "x", { typ: undefined })],
  ["wrong-type", signJws(signer, "x", { typ: "aerolink-trust+jwt" })],
  ["wrong-type", signJws(signer, "x", { typ: "JWT" })],
  ["unknown-header", signJws(signer, "x", { crit: "exp" })],
  ["unknown-header", signJws(signer, "x", { jwk: "x" })],
  ["unknown-header", signJws(signer, "x", { kid: 7 })],
  ["unknown-header", signJws(signer, "x", { crit: ["exp"] })],
  ["not-signed", signJws(signer, "x", { kid: "a".repeat(300) })],
  ["not-signed", ""],
  ["not-signed", "."],
  ["not-signed", ".."],
  ["not-signed", `${header}.${payload}`],
  ["not-signed", `${header}.${payload}.`],
  ["not-signed", `${header}..${signature}.`],
  ["not-signed", `${header}.${payload}.${signature}.`],
  ["not-signed", `${header}.${payload}.${signature}=`],
  ["not-signed", `${header}.${payload}.${signature}A`],
  ["not-signed", ` ${signed}`],
  ["not-signed", `${signed}\n`],
  ["not-signed", `${part("[]")}.${payload}.${signature}`],
  ["not-signed", `${part("{")}.${payload}.${signature}`],
  ["not-signed", JSON.stringify({ protected: header, payload, signature })],
  ["too-long", "a".repeat(2_049)],
  ["too-long", signJws(signer, "x".repeat(1_600))],
] as [string, string, string[]?][])("%s: %s", (fault, jws, keys) => {
  expect(verify(jws, keys)).toEqual({ fault });
});

test("A signature whose last bits are not zero is not taken for the one that it stands for", () => {
  const last = signed.at(-1)!;
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const twin = ALPHABET[ALPHABET.indexOf(last) ^ 1]!;
  expect(Buffer.from(signed.slice(0, -1) + twin, "base64url")).toEqual(Buffer.from(signed, "base64url"));
  expect(verify(signed.slice(0, -1) + twin)).toEqual({ fault: "not-signed" });
});

test("Every byte matters: each of them changed is refused, with a reason", () => {
  const bytes = ascii(signed);
  for (let i = 0; i < bytes.length; i++)
    for (const flip of [1, 0x20, 0x80]) {
      const changed = bytes.slice();
      changed[i]! ^= flip;
      const verdict = verify(changed);
      expect("fault" in verdict && verdict.fault, `byte ${i}`).toMatch(
        /^(not-signed|bad-signature|wrong-alg|wrong-type|unknown-header)$/,
      );
    }
});

test("Every beginning of it is refused", () => {
  for (let length = 0; length < signed.length; length++)
    expect(verify(signed.slice(0, length))).toEqual({ fault: "not-signed" });
});

test("Any bytes are judged without a throw, and none of them is believed", () => {
  const blind = { ...nodeSignatures, verifyEs256: () => false };
  const text = fc
    .array(fc.constantFrom(...'ABab09-_.{}":é\0'.split("")), { maxLength: 60 })
    .map((all) => ascii(all.join("")));
  const shaped = fc
    .tuple(fc.json(), fc.string(), fc.uint8Array({ minLength: 64, maxLength: 64 }))
    .map(([head, body, sig]) =>
      ascii(`${part(head)}.${part(body)}.${Buffer.from(sig).toString("base64url")}`),
    );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 2_100 }), text, shaped), (bytes) => {
      expect(verify(bytes, [signer.publicKey], blind)).toHaveProperty("fault");
    }),
    fuzz() as never,
  );
});
