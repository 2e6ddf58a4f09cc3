/** How a simulated time server answers. Without options: stratum 2, the true time, at once. */
export interface SntpServerOptions {
  /** Milliseconds by which its time is wrong. */
  readonly lieMs?: number;
  /** Milliseconds between receiving and sending, as its timestamps tell. */
  readonly heldMs?: number;
  readonly stratum?: number;
  /** Kiss-o'-death code, four ASCII characters: DENY, RSTR, RATE, … */
  readonly kiss?: string;
  /** Seconds, as the reply claims. */
  readonly rootDelay?: number;
  readonly rootDispersion?: number;
  readonly fault?: SntpServerFault;
}

export type SntpServerFault =
  | "silent"
  /** Does not bring our timestamp back, as one who cannot see our request would answer. */
  | "wrong-origin"
  /** Broadcast mode. */
  | "wrong-mode"
  /** Leap indicator 3: clock not set. */
  | "unsynchronised"
  | "zero-time"
  | "short";

/** Seconds from 1900 to 1970 (RFC 5905 figure 4). */
const UNIX_EPOCH_IN_NTP = 2_208_988_800;

/** The reply to one datagram; `undefined` when the server stays silent, as it does to what is no client's request. */
export function answerSntp(
  request: Uint8Array,
  nowUnixMs: number,
  options: SntpServerOptions = {},
): Uint8Array | undefined {
  const { fault } = options;
  const first = request[0] ?? 0;
  const version = (first >> 3) & 7;
  if (fault === "silent" || request.length < 48 || (first & 7) !== 3 || version < 1 || version > 4)
    return undefined;
  const reply = new Uint8Array(48);
  const view = new DataView(reply.buffer);
  const leap = fault === "unsynchronised" ? 3 : 0;
  reply[0] = (leap << 6) | (version << 3) | (fault === "wrong-mode" ? 5 : 4);
  reply[1] = options.kiss === undefined ? (options.stratum ?? 2) : 0;
  reply[2] = 6; // poll: 64 s
  reply[3] = 0xec; // precision: 2^-20 s
  view.setUint32(4, Math.round((options.rootDelay ?? 0.01) * 0x10000));
  view.setUint32(8, Math.round((options.rootDispersion ?? 0.02) * 0x10000));
  reply.set(new TextEncoder().encode(options.kiss ?? "\u007f\u0000\u0000\u0001").subarray(0, 4), 12);
  const sentMs = nowUnixMs + (options.lieMs ?? 0);
  writeTimestamp(view, 16, sentMs - 60_000);
  if (fault !== "wrong-origin") reply.set(request.subarray(40, 48), 24);
  writeTimestamp(view, 32, sentMs - (options.heldMs ?? 0));
  if (fault !== "zero-time") writeTimestamp(view, 40, sentMs);
  return fault === "short" ? reply.subarray(0, 47) : reply;
}

/** An NTP timestamp: 32 bits of seconds within its era, 32 bits of fraction. */
function writeTimestamp(view: DataView, offset: number, unixMs: number): void {
  const seconds = Math.floor(unixMs / 1000);
  view.setUint32(offset, (seconds + UNIX_EPOCH_IN_NTP) % 2 ** 32);
  view.setUint32(offset + 4, Math.floor(((unixMs - seconds * 1000) / 1000) * 2 ** 32));
}
