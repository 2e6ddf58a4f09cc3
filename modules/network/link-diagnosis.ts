import type { DnsFailure } from "../names/dns-client";
import type { LinkFailure } from "./link-failure";
import type { SocketFailure } from "./socket";

/** How reaching the broker on port 8883 failed: its name, or its socket. */
export type BrokerFailure = DnsFailure | SocketFailure;

/** How the opening to the cloud's port 443 ended: verified with our CA, or not. */
export type ProbeResult = "verified" | DnsFailure | SocketFailure;

/** What a failed opening of port 8883 shows by itself. */
type BrokerEvidence =
  /** Nothing there, or cut before TLS was up. */
  | "silent"
  /** Somebody answered who is not our cloud. */
  | "foreign"
  /** Our cloud answered (its chain ends at our CA), and something else is wrong. */
  | "cloud"
  /** Somebody answered; it cannot be told who. */
  | "unclear"
  | NameEvidence;

/** What the opening of port 443 shows. */
type ProbeEvidence =
  /** Our cloud answered. */
  "cloud" | "silent" | "foreign" | "unclear" | NameEvidence;

type NameEvidence =
  /** No name server answers. */
  | "dns-silent"
  /** One answers and does not do its work. */
  | "dns-failing"
  /** One answers that the name leads nowhere. */
  | "no-name";

const EVIDENCE = Object.freeze(
  {
    "connect-timeout": "silent",
    "connect-refused": "silent",
    closed: "silent",
    "handshake-timeout": "silent",
    "unknown-ca": "foreign",
    "wrong-name": "foreign",
    plaintext: "foreign",
    expired: "cloud",
    "not-yet-valid": "cloud",
    "wrong-usage": "cloud",
    "weak-certificate": "cloud",
    "client-certificate-refused": "cloud",
    protocol: "unclear",
    "no-server": "dns-silent",
    "no-answer": "dns-silent",
    "server-failure": "dns-failing",
    malformed: "dns-failing",
    truncated: "dns-failing",
    "no-such-name": "no-name",
    "no-address": "no-name",
  } as const satisfies Record<BrokerFailure, BrokerEvidence>,
  true,
);

type Row = Readonly<Record<ProbeEvidence, LinkFailure | undefined>>;

/** Rows: port 8883; columns: port 443. `undefined`: what was seen does not tell. */
const VERDICTS = Object.freeze(
  {
    silent: {
      cloud: "firewall-8883",
      foreign: "captive-portal",
      silent: "no-internet",
      unclear: undefined,
      "dns-silent": "no-internet",
      "dns-failing": "no-internet",
      "no-name": undefined,
    },
    foreign: {
      cloud: "cloud-tls",
      foreign: "captive-portal",
      silent: "cloud-tls",
      unclear: "cloud-tls",
      "dns-silent": "cloud-tls",
      "dns-failing": "cloud-tls",
      "no-name": "cloud-tls",
    },
    cloud: {
      cloud: "cloud-tls",
      foreign: "cloud-tls",
      silent: "cloud-tls",
      unclear: "cloud-tls",
      "dns-silent": "cloud-tls",
      "dns-failing": "cloud-tls",
      "no-name": "cloud-tls",
    },
    unclear: {
      cloud: "cloud-tls",
      foreign: "captive-portal",
      silent: "cloud-tls",
      unclear: "cloud-tls",
      "dns-silent": "cloud-tls",
      "dns-failing": "cloud-tls",
      "no-name": "cloud-tls",
    },
    // A name can be without an answer and 443 reached all the same: by an address, or by an older answer.
    "dns-silent": {
      cloud: "dns-blocked",
      foreign: "captive-portal",
      silent: "no-internet",
      unclear: "dns-blocked",
      "dns-silent": "dns-blocked",
      "dns-failing": "no-internet",
      "no-name": undefined,
    },
    "dns-failing": {
      cloud: "dns-blocked",
      foreign: "captive-portal",
      silent: "no-internet",
      unclear: undefined,
      "dns-silent": "no-internet",
      "dns-failing": "no-internet",
      "no-name": undefined,
    },
    "no-name": {
      cloud: "name-not-found",
      foreign: "captive-portal",
      silent: undefined,
      unclear: undefined,
      "dns-silent": undefined,
      "dns-failing": undefined,
      "no-name": "name-not-found",
    },
  } as const satisfies Record<BrokerEvidence, Row>,
  true,
);

/** Whether a reason is one of name or socket, and so one for {@link diagnose}; an MQTT refusal is not. */
export function isBrokerFailure(reason: string): reason is BrokerFailure {
  return Object.hasOwn(EVIDENCE, reason);
}

/** Whether port 443 must be opened to tell why 8883 failed. */
export function needsProbe(broker: BrokerFailure): boolean {
  return EVIDENCE[broker] !== "cloud";
}

/** Why the cloud is not reached, from how both openings ended; `undefined` when that does not tell. Pure. */
export function diagnose(broker: BrokerFailure, probe: ProbeResult): LinkFailure | undefined {
  const row: Row = VERDICTS[EVIDENCE[broker]];
  return row[probe === "verified" ? "cloud" : EVIDENCE[probe]];
}
