// What a release tool makes, made by node:crypto alone, so that the firmware's own code is not tested against itself.
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface Signer {
  readonly privateKey: KeyObject;
  /** As `updateKeys` of the build has it. */
  readonly publicKey: string;
  /** First eight hex digits of the key's SHA-256. */
  readonly kid: string;
}

export function makeSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]);
  return {
    privateKey,
    publicKey: point.toString("base64url"),
    kid: createHash("sha256").update(point).digest("hex").slice(0, 8),
  };
}

export const TYP = "aerolink-manifest+jwt";

/** A compact JWS. `header` goes over the usual one; `undefined` takes a member away. */
export function signJws(signer: Signer, payload: string | Uint8Array, header: object = {}): string {
  const head = JSON.stringify({ alg: "ES256", typ: TYP, kid: signer.kid, ...header });
  const input = `${Buffer.from(head).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  const signature = sign("sha256", Buffer.from(input), {
    key: signer.privateKey,
    dsaEncoding: "ieee-p1363",
  });
  return `${input}.${signature.toString("base64url")}`;
}

/** The manifest of `image`, all of it; `changes` go over it. */
export function manifestOf(
  image: Uint8Array,
  changes: Record<string, unknown> = {},
  block = 4_096,
): Record<string, unknown> {
  const hashes: Buffer[] = [];
  for (let at = 0; at < image.length; at += block)
    hashes.push(
      createHash("sha256")
        .update(image.subarray(at, at + block))
        .digest()
        .subarray(0, 16),
    );
  return {
    v: 1,
    release: 12,
    version: "0.3.0",
    boards: ["simulator"],
    size: image.length,
    sha256: createHash("sha256").update(image).digest("hex"),
    block,
    blocks: Buffer.concat(hashes).toString("base64url"),
    from: 1,
    floor: 1,
    formats: { journal: 1, settings: 1, credentials: 1 },
    iat: 1_780_000_000,
    expires: 1_790_000_000,
    ...changes,
  };
}
