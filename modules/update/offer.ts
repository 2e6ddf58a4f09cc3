import { type JwsFault, verifyJws } from "../signed/jws";
import { FORMATS } from "./formats";
import { type Manifest, type ManifestFault, parseManifest, refusalOf } from "./manifest";
import type { UpdateReason } from "./update-report";
import type { UpdatesOptions } from "./updates-options";

/** What is signed as a manifest, and nothing else that the same key may sign. */
export const MANIFEST_TYPE = "aerolink-manifest+jwt";
/** Digits of an image's SHA-256 that tell it from another. */
const IMAGE_DIGITS = 8;

export type OfferFault = JwsFault | ManifestFault;

export interface Offer {
  readonly manifest: Manifest;
  /** First digits of its image's SHA-256. */
  readonly image: string;
}

/** What is not for this device, and why. */
export interface RefusedOffer {
  readonly reason: UpdateReason;
  /** Of what somebody has signed: whoever rolls it out counts this device's refusal. */
  readonly release?: number;
}

/** What the topic `update/offer` says, or why that is not for this device. `undefined`: it runs here already. */
export function judgeOffer(payload: Uint8Array, device: UpdatesOptions): Offer | RefusedOffer | undefined {
  const { slots, memory, release, boardId, signatures, updateKeys: keys } = device;
  if (!slots) return { reason: "one-slot" };
  const signed = verifyJws(payload, { typ: MANIFEST_TYPE, keys, signatures });
  if ("fault" in signed) return { reason: signed.fault };
  const manifest = parseManifest(signed.payload);
  if ("fault" in manifest) return { reason: manifest.fault };
  device.evidence(manifest.iat * 1000);
  if (manifest.release === release) return undefined;
  const flash = slots.open();
  const slotBytes = flash.byteLength;
  flash.close();
  const refusal = refusalOf(manifest, {
    boardId,
    release,
    confirmed: memory.get("confirmedRelease"),
    floor: memory.get("releaseFloor"),
    slotBytes,
    formats: FORMATS,
    unixMs: device.syncedUnixMs(),
  });
  if (refusal) return { reason: refusal, release: manifest.release };
  return { manifest, image: manifest.sha256.slice(0, IMAGE_DIGITS) };
}
