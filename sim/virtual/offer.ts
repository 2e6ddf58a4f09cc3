import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** Members of a manifest, as a publisher might get them wrong. */
export type ManifestMembers = Readonly<Record<string, unknown>>;

const BLOCK = 65_536;
const BLOCK_HASH_BYTES = 16;

/** A key of P-256 that signs offers, and its public half as an image has it. */
export class OfferKey {
  readonly point: string;
  #key: KeyObject;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = publicKey.export({ format: "jwk" });
    this.#key = privateKey;
    this.point = Buffer.concat([
      Buffer.of(4),
      Buffer.from(x!, "base64url"),
      Buffer.from(y!, "base64url"),
    ]).toString("base64url");
  }

  /** A compact JWS of `payload`; `header`: in place of the right one's members. */
  sign(payload: unknown, header: Record<string, unknown> = {}): string {
    const right = { alg: "ES256", typ: "aerolink-manifest+jwt" };
    const input = [{ ...right, ...header }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const signature = sign("sha256", Buffer.from(input), { key: this.#key, dsaEncoding: "ieee-p1363" });
    return `${input}.${signature.toString("base64url")}`;
  }
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A manifest of `image`; `changes`: in place of its members, `undefined` leaves one out. */
export function manifestOf(
  image: Uint8Array,
  release: number,
  changes: ManifestMembers = {},
): ManifestMembers {
  const { block = BLOCK } = changes as { block?: number };
  return {
    v: 1,
    release,
    version: `0.${release}.0`,
    boards: ["simulator"],
    size: image.length,
    sha256: sha256Of(image),
    block,
    blocks: blockHashes(image, block),
    from: 1,
    floor: 1,
    formats: { journal: 1, settings: 1, credentials: 1 },
    iat: Date.UTC(2026, 10, 22) / 1000,
    ...changes,
  };
}

function blockHashes(image: Uint8Array, block: number): string {
  const hashes: Buffer[] = [];
  for (let at = 0; at < image.length; at += block)
    hashes.push(Buffer.from(sha256Of(image.subarray(at, at + block)), "hex").subarray(0, BLOCK_HASH_BYTES));
  return Buffer.concat(hashes).toString("base64url");
}
