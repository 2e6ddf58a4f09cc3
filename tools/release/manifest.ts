import { createHash } from "node:crypto";
import { Refusal } from "../pki/files";
import { readJws, SIGNATURE_BYTES, signingInputOf, signJws } from "./jws";

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
export const signingInput = (manifest: UpdateManifest, kid: string): string =>
  signingInputOf(manifest, TYP, kid);

/** The offer: a compact JWS. `pkcs8`: a private key of P-256. */
export const signManifest = (manifest: UpdateManifest, pkcs8: Uint8Array): string =>
  signJws(manifest, TYP, pkcs8);

export interface ReadOffer {
  readonly manifest: UpdateManifest;
  /** The key that signed it. */
  readonly point: Uint8Array;
}

/** The manifest of an offer that one of `points` has signed. @throws Refusal saying what is wrong */
export function readOffer(jws: string, points: readonly Uint8Array[], where: string): ReadOffer {
  const { payload, point } = readJws(jws, { typ: TYP, what: "an update", points, where });
  return { manifest: payload as unknown as UpdateManifest, point };
}

const base64Length = (bytes: number): number => Math.ceil((bytes * 4) / 3);
