import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { formatPoint, pointOf } from "../../tools/release/keys";
import { blockHashes, createManifest } from "../../tools/release/manifest";
import type { BadRelease } from "./bad-release";

/** A day before the virtual world begins. */
const SIGNED_AT = Date.UTC(2026, 10, 22) / 1000;
const YEAR_SECONDS = 365 * 86_400;

/** Images that a world can offer, each for the asking. */
export interface Releases {
  readonly key: OfferKey;
  image(release: number, bad?: BadRelease): Uint8Array;
}

/** What a board is offered. */
export interface OfferChoices {
  readonly bad?: BadRelease;
  /** In place of members of the manifest, and of its header. */
  readonly manifest?: ManifestMembers;
  readonly header?: Record<string, unknown>;
  /** Default: the key that the firmware trusts. */
  readonly key?: OfferKey;
}

/** Puts a release onto the world's server, and offers it to the board. Returns the offer. */
export function offer(world: OfferedTo, release: number, choices: OfferChoices = {}): string {
  const { releases, updates } = world;
  if (!releases) throw new Error("this world has no releases");
  const image = releases.image(release, choices.bad);
  updates.images.set(sha256Of(image), image);
  const jws = (choices.key ?? releases.key).sign(
    manifestOf(image, release, choices.manifest),
    choices.header,
  );
  publishOffer(world, jws);
  return jws;
}

/** Whatever it is; nothing: the offer is withdrawn. */
export function publishOffer({ broker, deviceId }: OfferedTo, text: string | Uint8Array): void {
  broker.publish(`aerolink/v1/${deviceId}/update/offer`, new Uint8Array(Buffer.from(text)), { retain: true });
}

/** What an offer needs of a world. */
export interface OfferedTo {
  readonly releases: Releases | undefined;
  readonly deviceId: string;
  readonly updates: { readonly images: Map<string, Uint8Array> };
  readonly broker: {
    publish(topic: string, payload: Uint8Array, options?: { retain?: boolean }): void;
  };
}

/** Members of a manifest, as a publisher might get them wrong. */
export type ManifestMembers = Readonly<Record<string, unknown>>;

/** A key of P-256 that signs offers, and its public half as an image has it. */
export class OfferKey {
  readonly point: string;
  #key: KeyObject;

  constructor() {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = privateKey;
    this.point = formatPoint(pointOf(privateKey));
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
  const manifest = createManifest({
    image,
    release,
    version: `0.${release}.0`,
    boards: ["simulator"],
    from: 1,
    floor: 1,
    formats: { journal: 1, settings: 1, credentials: 1 },
    iat: SIGNED_AT,
    expires: SIGNED_AT + YEAR_SECONDS,
  });
  const { block } = changes;
  const blocks = typeof block === "number" && block > 0 ? blockHashes(image, block) : manifest.blocks;
  return { ...manifest, blocks, ...changes };
}
