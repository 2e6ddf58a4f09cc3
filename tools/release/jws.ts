import { createPrivateKey, sign, verify } from "node:crypto";
import { Refusal } from "../pki/files";
import { keyOfPoint, kidOf, pointOfPkcs8 } from "./keys";

// Compact JWS with ES256 (RFC 7515), told apart by `typ` (RFC 8725, 3.11): the same keys sign updates and trust lists.

/** Of a signature of P-256: r and s. */
export const SIGNATURE_BYTES = 64;

/** What is signed (RFC 7515, 5.1), by whatever holds the key. */
export function signingInputOf(payload: object, typ: string, kid: string): string {
  const header = { alg: "ES256", typ, kid };
  return [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}

/** `pkcs8`: a private key of P-256. */
export function signJws(payload: object, typ: string, pkcs8: Uint8Array): string {
  const input = signingInputOf(payload, typ, kidOf(pointOfPkcs8(pkcs8)));
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  return attach(input, sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }));
}

/** @param signature r and s, or the DER of both, as OpenSSL and most HSMs give it */
export function attachSignature(input: string, signature: Uint8Array, point: Uint8Array): string {
  const key = keyOfPoint(point);
  const message = Buffer.from(input);
  if (
    signature.length === SIGNATURE_BYTES &&
    verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature)
  )
    return attach(input, signature);
  if (!verify("sha256", message, { key, dsaEncoding: "der" }, signature))
    throw new Refusal("the signature is not one of this key over this input");
  return attach(input, rawOf(signature));
}

export interface Signed {
  readonly payload: Record<string, unknown>;
  /** The key that signed it. */
  readonly point: Uint8Array;
}

/** What one of `points` has signed as `typ`. @throws Refusal saying what is wrong; `what`: "an update", say */
export function readJws(
  jws: string,
  { typ, what, points, where }: { typ: string; what: string; points: readonly Uint8Array[]; where: string },
): Signed {
  const [header, payload, signature, ...more] = jws.trim().split(".");
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    throw new Refusal(`${where}: not a compact JWS`);
  const bytes = Buffer.from(signature, "base64url");
  const message = Buffer.from(`${header}.${payload}`);
  const point = points.find(
    (each) =>
      bytes.length === SIGNATURE_BYTES &&
      verify("sha256", message, { key: keyOfPoint(each), dsaEncoding: "ieee-p1363" }, bytes),
  );
  if (!point) throw new Refusal(`${where}: signed by none of the ${points.length} keys that devices trust`);
  const head = decode(header, where);
  if (head.alg !== "ES256" || head.typ !== typ) throw new Refusal(`${where}: signed, but not as ${what}`);
  return { payload: decode(payload, where), point };
}

function decode(part: string, where: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch (cause) {
    throw new Refusal(`${where}: not JSON inside`, { cause });
  }
}

function attach(input: string, signature: Uint8Array): string {
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
}

/** ECDSA-Sig-Value (RFC 3279, 2.2.3), which has been verified, to r and s of 32 bytes each. */
function rawOf(der: Uint8Array): Uint8Array {
  const raw = Buffer.alloc(SIGNATURE_BYTES);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1]!;
    const integer = Buffer.from(der.subarray(at + 2, at + 2 + length));
    const digits = integer.subarray(Math.max(0, integer.length - 32));
    digits.copy(raw, end - digits.length);
    at += 2 + length;
  }
  return raw;
}
