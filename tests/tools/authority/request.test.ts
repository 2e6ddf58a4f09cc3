import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { keyIdOf, readRequest } from "../../../tools/authority/request";
import { createRequest } from "../../../tools/pki/certificates";
import { createKey } from "../../../tools/pki/keys";
import { SEED } from "../../support/volume";

let key: Uint8Array;
let request: Uint8Array;

beforeAll(async () => {
  key = await createKey();
  request = await createRequest("aerolink-1", key);
});

test("A request says who asks, and shows that they have the key", async () => {
  const spki = createPublicKey(
    createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" }),
  ).export({
    type: "spki",
    format: "der",
  });
  expect(readRequest(request)).toEqual({
    commonName: "aerolink-1",
    publicKey: new Uint8Array(spki),
    keyId: keyIdOf(spki),
  });
});

test("A request for another kind of key is refused", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
  const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  for (const each of [privateKey, rsa]) {
    // createRequest signs with P-256 alone: the signature of a stranger's key will do, its kind is looked at first.
    const spki = createPublicKey(each).export({ type: "spki", format: "der" });
    const own = createPublicKey(
      createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" }),
    ).export({ type: "spki", format: "der" });
    expect(readRequest(replaceSpki(request, own, spki))).toBe("key");
  }
});

test("A request with another's key in it is refused: whoever asks cannot sign with that", async () => {
  const other = createPublicKey(
    createPrivateKey({ key: Buffer.from(await createKey()), format: "der", type: "pkcs8" }),
  ).export({ type: "spki", format: "der" });
  const forged = Buffer.from(request);
  forged.set(other.subarray(-64), forged.indexOf(spkiOf(key)) + other.length - 64);
  expect(readRequest(forged)).toBe("key");
});

test("Bytes behind the end, cut short or empty are no request", async () => {
  expect(readRequest(Buffer.concat([request, Buffer.of(0)]))).toBe("refused");
  for (const length of [0, 1, 2, 20, request.length - 1])
    expect(readRequest(request.subarray(0, length))).toBe("refused");
});

test("A signature of bits that are no whole bytes is none, whatever its last bit is", async () => {
  for (let i = 0; i < 8; i++) {
    const each = Buffer.from(await createRequest("aerolink-1", key));
    // BIT STRING, its length, unused bits, SEQUENCE: behind ECDSA with SHA-256.
    const at = each.lastIndexOf(Buffer.from("0403020348", "hex").subarray(0, 4)) + 5;
    expect(each[at]).toBe(0);
    each[at] = 1;
    expect(readRequest(each)).toBe("refused");
  }
});

test("No single changed byte gives somebody else's request, and none throws", async () => {
  const right = readRequest(request);
  await fc.assert(
    fc.asyncProperty(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Buffer.from(request);
      changed[at] = changed[at]! ^ change;
      const read = readRequest(changed);
      // ECDSA's own freedom: another DER of the same signature is refused as well.
      expect(typeof read === "string" || JSON.stringify(read) === JSON.stringify(right)).toBe(true);
      expect(read).not.toEqual(right);
    }),
    { numRuns: 300, seed: SEED },
  );
});

const spkiOf = (pkcs8: Uint8Array): Buffer =>
  createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" })).export({
    type: "spki",
    format: "der",
  });

/** The request with another SubjectPublicKeyInfo, its lengths set right. */
function replaceSpki(der: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const bytes = Buffer.from(der);
  const at = bytes.indexOf(from);
  const content = (buffer: Buffer): Buffer => {
    const first = buffer[1]!;
    return buffer.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f));
  };
  const wrap = (body: Buffer): Buffer => {
    const length =
      body.length < 0x80
        ? [body.length]
        : body.length < 0x100
          ? [0x81, body.length]
          : [0x82, body.length >> 8, body.length & 0xff];
    return Buffer.concat([Buffer.from([0x30, ...length]), body]);
  };
  const outer = content(bytes);
  const infoStart = bytes.length - outer.length;
  const info = content(outer);
  const infoHeader = outer.length - info.length;
  const infoLength = lengthOf(outer);
  const body = info.subarray(0, infoLength);
  const tail = info.subarray(infoLength);
  const inBody = at - infoStart - infoHeader;
  const changed = Buffer.concat([body.subarray(0, inBody), to, body.subarray(inBody + from.length)]);
  return wrap(Buffer.concat([wrap(changed), tail]));
}

function lengthOf(der: Uint8Array): number {
  const first = der[1]!;
  if (first < 0x80) return first;
  return first === 0x81 ? der[2]! : der[2]! * 256 + der[3]!;
}
