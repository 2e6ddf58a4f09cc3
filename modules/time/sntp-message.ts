/** Header of an NTP packet (RFC 5905 7.3); authentication and extensions may follow a reply's, and are not read. */
export const SNTP_LENGTH = 48;

/** A request's transmit timestamp: 64 random bits, high word first, which a reply must bring back. */
export type SntpNonce = readonly [high: number, low: number];

export interface SntpReply {
  /** The server's time when it sent the reply, Unix milliseconds. */
  readonly transmitUnixMs: number;
  /** How long the server held the request, milliseconds. */
  readonly heldMs: number;
}

/** Why a packet gives no time. */
export type SntpFault =
  | "malformed"
  /** No reply to our request: another mode, or not our nonce. Anybody may have sent it. */
  | "not-ours"
  /** The server says that it does not know the time, or knows it too badly, or contradicts itself. */
  | "unsynchronised"
  /** Kiss-o'-death DENY or RSTR: never ask this server again (RFC 5905 7.4). */
  | "denied"
  /** Kiss-o'-death RATE: ask this server less often. */
  | "rate-limited";

const VERSION_4_CLIENT = (4 << 3) | 3;
const MODE_SERVER = 4;
const LEAP_UNKNOWN = 3;
const MAX_STRATUM = 15;
/** RFC 5905 A.5.1.1: a reply whose root distance reaches MAXDISP is not valid. */
const MAX_ROOT_DISTANCE_SECONDS = 16;
/** Seconds from 1900, where NTP's first era began, to 1970. */
const UNIX_EPOCH_IN_NTP = 2_208_988_800;
const TWO_32 = 2 ** 32;

const KISSES: Readonly<Record<string, SntpFault>> = Object.freeze({
  DENY: "denied",
  RSTR: "denied",
  RATE: "rate-limited",
});

/**
 * A client's request. Nothing but the nonce tells it from any other device's: the transmit timestamp is random
 * instead of our time (draft-ietf-ntp-data-minimization), and what it is for is only to be brought back.
 */
export function formatRequest(nonce: SntpNonce): Uint8Array {
  const bytes = new Uint8Array(SNTP_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION_4_CLIENT;
  view.setUint32(40, nonce[0]);
  view.setUint32(44, nonce[1]);
  return bytes;
}

/**
 * The time in a server's reply to `formatRequest(nonce)`. NTP's seconds wrap in 2036: of the eras the one is meant
 * in which the time is not before `earliestUnixMs` (RFC 4330 3).
 */
export function parseReply(
  bytes: Uint8Array,
  nonce: SntpNonce,
  earliestUnixMs: number,
): SntpReply | SntpFault {
  if (bytes.length < SNTP_LENGTH) return "malformed";
  const view = new DataView(bytes.buffer, bytes.byteOffset, SNTP_LENGTH);
  const first = view.getUint8(0);
  const version = (first >> 3) & 7;
  if ((first & 7) !== MODE_SERVER || version < 3 || version > 4) return "not-ours";
  if (view.getUint32(24) !== nonce[0] || view.getUint32(28) !== nonce[1]) return "not-ours";

  const stratum = view.getUint8(1);
  if (stratum === 0) return KISSES[asciiAt(bytes, 12)] ?? "unsynchronised";
  if (first >> 6 === LEAP_UNKNOWN || stratum > MAX_STRATUM) return "unsynchronised";
  const rootDistanceSeconds = (view.getUint32(4) / 2 + view.getUint32(8)) / 0x10000;
  if (rootDistanceSeconds >= MAX_ROOT_DISTANCE_SECONDS) return "unsynchronised";

  const seconds = view.getUint32(40);
  const fraction = view.getUint32(44);
  if (seconds === 0 && fraction === 0) return "unsynchronised";
  // The difference of two instants is right in any era, as a signed 32-bit number.
  const heldMs =
    ((seconds - view.getUint32(32)) | 0) * 1000 + ((fraction - view.getUint32(36)) * 1000) / TWO_32;
  if (heldMs < 0) return "unsynchronised";
  return { transmitUnixMs: unixMsOf(seconds, fraction, earliestUnixMs), heldMs };
}

function unixMsOf(seconds: number, fraction: number, earliestUnixMs: number): number {
  const unixMs = (seconds - UNIX_EPOCH_IN_NTP) * 1000 + (fraction * 1000) / TWO_32;
  const eraMs = TWO_32 * 1000;
  return unixMs + Math.max(0, Math.ceil((earliestUnixMs - unixMs) / eraMs)) * eraMs;
}

function asciiAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(bytes[offset]!, bytes[offset + 1]!, bytes[offset + 2]!, bytes[offset + 3]!);
}
