import { parseJsonObject } from "../base/json";
import { decodeBase64Url, decodeBase64UrlText } from "./base64url";
import type { SignatureCheck } from "./crypto";

/** Why something signed is not believed. */
export type JwsFault =
  /** Above {@link LONGEST_JWS} bytes, or what is allowed in its place. */
  | "too-long"
  /** Not three parts of base64url in compact form, a header that is no JSON object, or a signature of another length. */
  | "not-signed"
  /** Another algorithm than ES256. */
  | "wrong-alg"
  /** It is signed as something else: a trust list is no manifest (RFC 8725, 3.11). */
  | "wrong-type"
  /** The header says something that this device does not know, and so cannot judge. */
  | "unknown-header"
  /** This firmware knows nobody's key. */
  | "no-keys"
  /** By none of the keys that this firmware knows. */
  | "bad-signature";

export interface JwsOptions {
  /** What `typ` must be. */
  readonly typ: string;
  /** Uncompressed points of P-256, base64url; the first three count. */
  readonly keys: readonly string[];
  readonly signatures: SignatureCheck;
  /** Default {@link LONGEST_JWS}. */
  readonly mostBytes?: number;
}

/** Bytes; an MQTT packet to the device may have 4,096. */
export const LONGEST_JWS = 2_048;
const MOST_KEYS = 3;
const POINT_BYTES = 65;
const SIGNATURE_BYTES = 64;
/** Hex digits of a key's SHA-256 that `kid` has. */
const KID_DIGITS = 8;
const DOT = 0x2e;
const HEADER_LIMITS = Object.freeze({ mostBytes: 256, mostDepth: 2, mostParts: 8 } as const, true);
const HEADER_MEMBERS: readonly string[] = Object.freeze(["alg", "typ", "kid"]);

/**
 * The payload of a compact JWS (RFC 7515), if one of the keys has signed it with ES256. Never throws.
 *
 * The header chooses nothing: algorithm and type are compared with ours, and a member that is not ours is refused,
 * `crit` and a key among them. `kid` says which key is tried first, no more. Up to three verifications, each some
 * hundred milliseconds on an ESP32.
 */
export function verifyJws(
  jws: Uint8Array,
  options: JwsOptions,
): { readonly payload: Uint8Array } | { readonly fault: JwsFault } {
  if (jws.length > (options.mostBytes ?? LONGEST_JWS)) return { fault: "too-long" };
  const first = jws.indexOf(DOT);
  const second = jws.indexOf(DOT, first + 1);
  if (first < 0 || second < 0) return { fault: "not-signed" };
  const header = decodeBase64Url(jws.subarray(0, first));
  const payload = decodeBase64Url(jws.subarray(first + 1, second));
  const signature = decodeBase64Url(jws.subarray(second + 1));
  if (!header || !payload || signature?.length !== SIGNATURE_BYTES) return { fault: "not-signed" };
  const kid = checkHeader(header, options.typ);
  if (typeof kid === "object") return kid;
  const keys = keysToTry(options, kid);
  if (keys.length === 0) return { fault: "no-keys" };
  const message = jws.subarray(0, second);
  const isSigned = keys.some((key) => options.signatures.verifyEs256(key, message, signature));
  return isSigned ? { payload } : { fault: "bad-signature" };
}

/** `kid`, or "" without one. */
function checkHeader(bytes: Uint8Array, typ: string): string | { readonly fault: JwsFault } {
  const header = parseJsonObject(bytes, HEADER_LIMITS);
  if (typeof header === "string") return { fault: "not-signed" };
  if (header.alg !== "ES256") return { fault: "wrong-alg" };
  if (header.typ !== typ) return { fault: "wrong-type" };
  const { kid = "" } = header;
  const isKnown = Object.keys(header).every((name) => HEADER_MEMBERS.includes(name));
  return isKnown && typeof kid === "string" ? kid : { fault: "unknown-header" };
}

/** What is no point is nobody's key. That of `kid` first. */
function keysToTry({ keys, signatures }: JwsOptions, kid: string): Uint8Array[] {
  const points: Uint8Array[] = [];
  for (const text of keys.slice(0, MOST_KEYS)) {
    const point = decodeBase64UrlText(text);
    if (point?.length !== POINT_BYTES || point[0] !== 4) continue;
    if (kid.length === KID_DIGITS && keyId(point, signatures) === kid) points.splice(0, 0, point);
    else points.push(point);
  }
  return points;
}

/** The first {@link KID_DIGITS} hex digits of a key's SHA-256. */
function keyId(point: Uint8Array, signatures: SignatureCheck): string {
  const hash = signatures.sha256();
  hash.update(point);
  return toHex(hash.digest().subarray(0, KID_DIGITS / 2));
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += bytes[i]!.toString(16).padStart(2, "0");
  return text;
}
