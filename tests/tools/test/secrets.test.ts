import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { formsOf, holdsSecret, keysBelow, leaksIn, privatePart } from "../../../tools/test/secrets.mjs";
import { p256Pkcs8 } from "../../support/identity";
import { fuzz } from "../../support/volume";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = privateKey.export({ format: "pem", type: "pkcs8" }) as string;
const der = privateKey.export({ format: "der", type: "pkcs8" });
const secret = privatePart(pem);
const found = (text: string | Uint8Array): boolean => holdsSecret(Buffer.from(text as string), [secret]);

describe("a private key is found", () => {
  it("is the same from PEM and from DER", () => {
    expect(privatePart(der)).toEqual(secret);
    expect(privatePart(createPrivateKey(pem).export({ format: "pem", type: "sec1" }) as string)).toEqual(
      secret,
    );
  });

  it.each([
    ["DER", der],
    ["PEM", pem],
    ["the PEM of somebody else", "-----BEGIN EC PRIVATE KEY-----\nMHc"],
    ["base64 of the DER", der.toString("base64")],
    ["base64url", der.toString("base64url")],
    ["hex", `key ${secret.toString("hex")}`],
    ["hex in capitals", secret.toString("hex").toUpperCase()],
    ["hex with colons", secret.toString("hex").match(/../g)!.join(":")],
    ["a JSON array", JSON.stringify([...der])],
    ["a C array of numbers", [...der].join(", ")],
    ["a C string with escapes", [...der].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")],
    ["an octal one", [...der].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")],
  ])("in %s", (_, text) => {
    expect(found(text)).toBe(true);
  });

  it("in base64 wherever it begins", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 40 }),
        fc.uint8Array(),
        fc.uint8Array(),
        (key, a, b) => {
          const text = Buffer.from([...a, ...key, ...b]).toString("base64");
          expect(formsOf(key).some((form) => text.includes(form.toString("latin1")))).toBe(true);
        },
      ),
      { ...fuzz(), numRuns: 300 },
    );
  });
});

it("any P-256 key in DER is found, whosever it is, and in a C text", () => {
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  for (const type of ["pkcs8", "sec1"] as const) {
    const bytes = other.export({ format: "der", type });
    expect(found(bytes)).toBe(true);
    expect(found([...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""))).toBe(true);
  }
});

it.each([
  ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB"],
  ["the words alone", 'if (text.includes("-----BEGIN PRIVATE KEY-----")) …'],
  ["the firmware's own knowledge of how a key begins", p256Pkcs8(new Uint8Array())],
])("nothing is found in %s", (_, text) => {
  expect(found(text)).toBe(false);
});

describe("a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "aerolink-secrets-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "pki/devices"), { recursive: true });
  mkdirSync(join(folder, "out/deep"), { recursive: true });
  writeFileSync(join(folder, "pki/devices/key.pem"), pem);
  writeFileSync(join(folder, "out/deep/image.bin"), Buffer.concat([Buffer.alloc(99), der]));
  writeFileSync(join(folder, "out/clean.bin"), "clean");

  it("gives the keys of its PEM files", () => {
    expect(keysBelow(join(folder, "pki"))).toEqual([secret]);
    expect(keysBelow(join(folder, "nowhere"))).toEqual([]);
  });

  it("gives the files that hold one, but for those that may", () => {
    expect(leaksIn(join(folder, "out"), [secret])).toEqual([join(folder, "out/deep/image.bin")]);
    expect(leaksIn(folder, [secret], [join(folder, "pki"), join(folder, "out/deep")])).toEqual([]);
  });
});
