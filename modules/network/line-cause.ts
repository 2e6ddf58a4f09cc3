import type { BrokerFailure } from "./link-diagnosis";

/** Where the cause of a failed attempt lies: surely in the device's own line, or possibly with the cloud. */
export type Cause =
  /** Nobody but this device is waiting for it: it may try again soon. */
  | "line"
  /** Thousands may be waiting for it: exponential backoff with full jitter. */
  | "cloud";

/** Whether a failed attempt leaves it open that the line is down: an answer, however bad, does not. */
const MAY_BE_LINE = Object.freeze(
  {
    "connect-timeout": true,
    "handshake-timeout": true,
    "no-server": true,
    "no-answer": true,
    "server-failure": true, // a router's name server without its line
    malformed: true,
    truncated: true,
    "no-such-name": false,
    "no-address": false,
    "connect-refused": false,
    closed: false,
    "unknown-ca": false,
    "wrong-name": false,
    plaintext: false,
    expired: false,
    "not-yet-valid": false,
    "wrong-usage": false,
    "weak-certificate": false,
    "client-certificate-refused": false,
    protocol: false,
  } as const satisfies Record<BrokerFailure, boolean>,
  true,
);

export function mayBeLine(reason: BrokerFailure): boolean {
  return MAY_BE_LINE[reason];
}

/** What the line showed, asked anew. */
export interface LineEvidence {
  /** A name that is not the cloud's was resolved, or is said not to exist; `unasked`: no name is in use. */
  readonly names: "answer" | "none" | "unasked";
  /** A time server; `unasked`: no address of one is known. */
  readonly time: "answer" | "none" | "unasked";
  /** The broker's host is an address: names are no part of its way. */
  readonly byAddress: boolean;
}

/** Pure. Silence of one alone may be a firewall, which a broker that is down can stand behind. */
export function causeOf({ names, time, byAddress }: LineEvidence): Cause {
  if (names !== "none" || time === "answer") return "cloud";
  // Without names nobody gets as far as a broker that has one.
  return time === "none" || !byAddress ? "line" : "cloud";
}
