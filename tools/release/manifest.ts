import { createHash, createPrivateKey, sign, verify } from "node:crypto";
import { Refusal } from "../pki/files";
import { keyOfPoint, kidOf, pointOfPkcs8 } from "./keys";

/** What a device is offered (docs/updates.md). */
export interface UpdateManifest {
  readonly v: 1;
  readonly release: number;
  readonly version: string;
  readonly boards: readonly string[];
  readonly size: number;
  /** Of the image, hex: its name at the server. */
  readonly sha256: string;
  readonly block: number;
  /** 16 bytes of SHA-256 of each block, base64url. */
  readonly blocks: string;
  /** The lowest release that may update to it. */
  readonly from: number;
  /** The lowest release that may run after it. */
  readonly floor: number;
  readonly formats: Formats;
  /** Unix seconds. */
  readonly iat: number;
  readonly expires: number;
}

/** Versions of what lies in flash, as the release writes them. */
export type Formats = Readonly<Record<"journal" | "settings" | "credentials", number>>;

/** A device takes no longer one. */
export const LONGEST_OFFER = 2_048;
export const SMALLEST_BLOCK = 64 * 1024;
const BLOCK_HASH_BYTES = 16;
const TYP = "aerolink-manifest+jwt";
/** Of a signature of P-256: r and s. */
const SIGNATURE_BYTES = 64;

export interface ManifestFacts extends Omit<UpdateManifest, "v" | "size" | "sha256" | "block" | "blocks"> {
  readonly image: Uint8Array;
}

/**
 * The manifest of an image. Blocks of 64 KiB, doubled until the whole offer is short enough: a device that finds a
 * block wrong fetches that one again.
 * @throws Refusal when it is too long with a single block
 */
export function createManifest(facts: ManifestFacts): UpdateManifest {
  const { image, release, version, boards, from, floor, formats, iat, expires } = facts;
  const sha256 = createHash("sha256").update(image).digest("hex");
  for (let block = SMALLEST_BLOCK; ; block *= 2) {
    const blocks = blockHashes(image, block);
    const manifest: UpdateManifest = {
      ...{ v: 1, release, version, boards, size: image.length, sha256, block, blocks },
      ...{ from, floor, formats, iat, expires },
    };
    const length = signingInput(manifest, "00000000").length + 1 + base64Length(SIGNATURE_BYTES);
    if (length <= LONGEST_OFFER) return manifest;
    if (block >= image.length) throw new Refusal(`the offer has ${length} bytes, ${LONGEST_OFFER} at most`);
  }
}

export function blockHashes(image: Uint8Array, block: number): string {
  const hashes: Buffer[] = [];
  for (let at = 0; at < image.length; at += block)
    hashes.push(
      createHash("sha256")
        .update(image.subarray(at, at + block))
        .digest()
        .subarray(0, BLOCK_HASH_BYTES),
    );
  return Buffer.concat(hashes).toString("base64url");
}

/** What is signed (RFC 7515, 5.1), by whatever holds the key. */
export function signingInput(manifest: UpdateManifest, kid: string): string {
  const header = { alg: "ES256", typ: TYP, kid };
  return [header, manifest].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}

/** The offer: a compact JWS. `pkcs8`: a private key of P-256. */
export function signManifest(manifest: UpdateManifest, pkcs8: Uint8Array): string {
  const input = signingInput(manifest, kidOf(pointOfPkcs8(pkcs8)));
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

export interface ReadOffer {
  readonly manifest: UpdateManifest;
  /** The key that signed it. */
  readonly point: Uint8Array;
}

/** The manifest of an offer that one of `points` has signed. @throws Refusal saying what is wrong */
export function readOffer(jws: string, points: readonly Uint8Array[], where: string): ReadOffer {
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
  const { alg, typ } = decode(header, where);
  if (alg !== "ES256" || typ !== TYP) throw new Refusal(`${where}: signed, but not as an update`);
  return { manifest: decode(payload, where) as unknown as UpdateManifest, point };
}

function decode(part: string, where: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch (cause) {
    throw new Refusal(`${where}: not JSON inside`, { cause });
  }
}

const base64Length = (bytes: number): number => Math.ceil((bytes * 4) / 3);
