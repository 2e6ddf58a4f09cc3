import { isObject, type JsonObject, parseJsonObject } from "../base/json";
import { decodeBase64UrlText } from "../signed/base64url";
import { FORMAT_NAMES, type Formats } from "./formats";

/** What is signed of a release. Numbers of releases count up. */
export interface Manifest {
  readonly release: number;
  /** For people. */
  readonly version: string;
  /** Boards that it is for, as mcconfig calls them. */
  readonly boards: readonly string[];
  /** Bytes of the image. */
  readonly size: number;
  /** Of the whole image, 64 hex digits. */
  readonly sha256: string;
  /** Bytes of a block; the last one may be shorter. */
  readonly block: number;
  /** The first {@link BLOCK_HASH} bytes of each block's SHA-256. */
  readonly blocks: Uint8Array;
  /** The lowest release that may update to it. */
  readonly from: number;
  /** The lowest release that may run once it is confirmed. */
  readonly floor: number;
  readonly formats: Formats;
  /** When it was signed and until when it may be taken, Unix seconds. Without `expires`: for ever. */
  readonly iat: number;
  readonly expires: number | undefined;
}

/** Why what is signed is no manifest that this device reads. */
export type ManifestFault =
  /** A later version of manifests. */
  | "manifest-version"
  /** Not JSON, a member is absent, or not of its form. */
  | "bad-manifest"
  /** Blocks of another size than whole sectors, or not one hash a block. */
  | "bad-blocks";

/** Why a release is not for this device, or not now. */
export type ManifestRefusal =
  /** The image of another board. */
  | "wrong-board"
  /** Not above what runs and the highest that was ever confirmed here. */
  | "not-newer"
  /** Below the lowest that may run after one that was confirmed here. */
  | "below-floor"
  /** Another release must come first. */
  | "stepping-stone"
  /** The slot is smaller. */
  | "too-large"
  /** It could not read what lies in flash, or what it leaves there could not be read again. */
  | "formats"
  /** Its time is over, by a synced clock. */
  | "expired";

/** What a device knows of itself when it judges. */
export interface Judge {
  readonly boardId: string;
  /** That runs. */
  readonly release: number;
  /** The highest that was ever confirmed here; 0: none. */
  readonly confirmed: number;
  /** The lowest that may run; 0: any. */
  readonly floor: number;
  readonly slotBytes: number;
  readonly formats: Formats;
  /** `undefined`: the clock is not synced. */
  readonly unixMs: number | undefined;
}

/** Bytes of each block's hash. */
export const BLOCK_HASH = 16;
const SECTOR = 4_096;
const LARGEST_BLOCK = 262_144;
const UINT32 = 0xffff_ffff;
const LIMITS = Object.freeze({ mostBytes: 2_048, mostDepth: 2, mostParts: 64 } as const, true);
const MOST_BOARDS = 8;
const LONGEST_NAME = 40;

/** The one parser of manifests. Never throws. Members that it does not know are passed over: later releases may have more. */
export function parseManifest(payload: Uint8Array): Manifest | { readonly fault: ManifestFault } {
  const json = parseJsonObject(payload, LIMITS);
  if (typeof json === "string") return { fault: "bad-manifest" };
  if (json.v !== 1) return { fault: Number.isInteger(json.v) ? "manifest-version" : "bad-manifest" };
  const { release, version, boards, size, sha256, block, blocks, from, floor, formats, iat, expires } = json;
  if (!isCount(release) || !isName(version) || !areBoards(boards) || !isCount(size) || !isSha256(sha256))
    return { fault: "bad-manifest" };
  if (!isWhole(from) || !isWhole(floor) || floor > release || !hasFormats(formats) || !isCount(iat))
    return { fault: "bad-manifest" };
  if (expires !== undefined && !(isCount(expires) && expires > iat)) return { fault: "bad-manifest" };
  const hashes = typeof blocks === "string" ? decodeBase64UrlText(blocks) : undefined;
  if (!isCount(block) || block % SECTOR !== 0 || block > LARGEST_BLOCK) return { fault: "bad-blocks" };
  if (hashes?.length !== BLOCK_HASH * Math.ceil(size / block)) return { fault: "bad-blocks" };
  return {
    release,
    version,
    boards,
    size,
    sha256,
    block,
    blocks: hashes,
    from,
    floor,
    formats,
    iat,
    expires,
  };
}

type Refuses = (manifest: Manifest, judge: Judge) => boolean;

/** In this order: the first that holds is told. */
const REFUSALS = Object.freeze(
  {
    "wrong-board": ({ boards }, { boardId }) => !boards.includes(boardId),
    "not-newer": (manifest, { release, confirmed }) => manifest.release <= Math.max(release, confirmed),
    "below-floor": (manifest, { floor }) => manifest.release < floor,
    "stepping-stone": ({ from }, { release }) => release < from,
    "too-large": ({ size }, { slotBytes }) => size > slotBytes,
    formats: (manifest, { formats }) =>
      FORMAT_NAMES.some((name) => !fits(manifest.formats[name], formats[name])),
    expired: ({ expires }, { unixMs }) =>
      expires !== undefined && unixMs !== undefined && unixMs >= expires * 1000,
  } as const satisfies Record<ManifestRefusal, Refuses>,
  true,
);
const REFUSAL_NAMES = Object.freeze(Object.keys(REFUSALS)) as readonly ManifestRefusal[];

/** `undefined`: it may be installed here. Pure. */
export function refusalOf(manifest: Manifest, judge: Judge): ManifestRefusal | undefined {
  return REFUSAL_NAMES.find((name) => REFUSALS[name](manifest, judge));
}

/** A release reads its own format and its predecessor's, and until it is confirmed it writes its predecessor's. */
const fits = (theirs: number, ours: number): boolean => theirs === ours || theirs === ours + 1;

const isWhole = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= UINT32;

const isCount = (value: unknown): value is number => isWhole(value) && value > 0;

function isName(value: unknown): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > LONGEST_NAME) return false;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (!(code > 0x20 && code < 0x7f)) return false;
  }
  return true;
}

function areBoards(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.length <= MOST_BOARDS && value.every(isName);
}

function isSha256(value: unknown): value is string {
  if (typeof value !== "string" || value.length !== 64) return false;
  for (let i = 0; i < value.length; i++) if (!"0123456789abcdef".includes(value[i]!)) return false;
  return true;
}

function hasFormats(value: unknown): value is JsonObject & Formats {
  return isObject(value) && FORMAT_NAMES.every((name) => isCount(value[name]));
}
