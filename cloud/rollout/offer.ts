import type { ReleaseFacts } from "./facts";

/** What a signed manifest says that the cloud goes by. It cannot check the signature: that is the device's to do. */
export interface Offer extends ReleaseFacts {
  readonly version: string;
  /** Of the image. */
  readonly sha256: string;
  /** Unix seconds. */
  readonly expires: number;
}

/** Of a compact JWS (docs/protocol.md, "Updates"); `undefined`: it is no manifest. */
export function readOffer(jws: string): Offer | undefined {
  const [head, payload] = jws.split(".");
  try {
    const { alg, typ } = partOf(head);
    if (alg !== "ES256" || typ !== "aerolink-manifest+jwt") return undefined;
    const { release, version, boards, from, sha256, expires } = partOf(payload);
    const isGood =
      [release, from, expires].every(Number.isSafeInteger) &&
      [version, sha256].every((each) => typeof each === "string" && !each.includes("\0")) &&
      Array.isArray(boards) &&
      boards.every((each) => typeof each === "string" && !each.includes("\0"));
    return isGood ? ({ release, version, boards, from, sha256, expires } as Offer) : undefined;
  } catch {
    return undefined;
  }
}

const partOf = (part = ""): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(part, "base64url").toString()) ?? {};
