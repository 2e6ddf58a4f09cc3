import type { DnsFailure } from "../names/dns-client";
import type { LinkFailure } from "./link-failure";
import type { SocketFailure } from "./socket";

/** How a broker that finished TLS and was sent CONNECT failed to answer it. */
export type GreetingFailure = "closed-on-connect" | "connack-timeout";

/** How reaching the broker on port 8883 failed: its name, its socket, or its first answer. */
export type BrokerFailure = DnsFailure | SocketFailure | GreetingFailure;

/** How the opening to the cloud's port 443 ended: verified with our CA, or not. */
export type ProbeResult = "verified" | DnsFailure | SocketFailure;

/** Where it matters whether a name or time server has just answered: if so, if not. */
const BY_HEARING = Object.freeze(
  { nobody: ["broker-down", "no-internet"], strangers: ["cloud-tls", "captive-portal"] } as const,
  true,
);

/** What a failed opening shows by itself, from the least to the most telling. */
const EVIDENCE_ORDER = Object.freeze([
  /** No name server answers. */
  "dns-silent",
  /** One answers and does not do its work. */
  "dns-failing",
  /** One answers that the name leads nowhere. */
  "no-name",
  /** No answer to TCP. */
  "silent",
  /** TCP is there, and nothing after it: a proxy takes every opening. */
  "hung",
  /** TCP is refused: the host or a filter says no. */
  "refused",
  /** TCP is there, and was cut before TLS was up. */
  "cut",
  /** Somebody answered; it cannot be told who. */
  "unclear",
  /** Somebody answered without TLS. */
  "plain",
  /** Somebody answered whose certificate is not our cloud's. */
  "foreign",
  /** Our broker finished TLS, and then took no CONNECT. */
  "finished",
  /** Our cloud answered (its chain ends at our CA), and something else is wrong. */
  "cloud",
] as const);

type BrokerEvidence = (typeof EVIDENCE_ORDER)[number];
/** On 443 it does not matter how nobody helps: "silent" stands for that. */
type ProbeEvidence = Exclude<BrokerEvidence, "finished" | "hung" | "refused" | "cut">;

const EVIDENCE = Object.freeze(
  {
    "connect-timeout": "silent",
    "connect-refused": "refused",
    closed: "cut",
    "handshake-timeout": "hung",
    "unknown-ca": "foreign",
    "wrong-name": "foreign",
    plaintext: "plain",
    expired: "cloud",
    "not-yet-valid": "cloud",
    "wrong-usage": "cloud",
    "weak-certificate": "cloud",
    "client-certificate-refused": "cloud",
    protocol: "unclear",
    "closed-on-connect": "finished",
    "connack-timeout": "finished",
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

/**
 * `nobody`: neither port helps; whether a name or time server was heard does. `strangers`: both are answered in TLS by
 * somebody else, which a sign-in page does not do on 8883; the same helps. `undefined`: what was seen does not tell.
 */
type Verdict = LinkFailure | keyof typeof BY_HEARING | undefined;
type Row = Readonly<Record<ProbeEvidence, Verdict>>;

/** Nothing comes back from 8883. */
const SILENT = {
  cloud: "firewall-8883",
  plain: "captive-portal",
  foreign: "captive-portal",
  silent: "nobody",
  unclear: undefined,
  "dns-silent": "no-internet",
  "dns-failing": "no-internet",
  "no-name": undefined,
} as const satisfies Row;

/** Somebody at the broker's address, or before it, says no. */
const REFUSED = { ...SILENT, cloud: "broker-down" } as const satisfies Row;

/** Somebody who is not the cloud, or cannot be told from it, answers TLS on 8883; 443 tells whether everywhere. */
const ANSWERED = {
  cloud: "cloud-tls",
  plain: "captive-portal",
  foreign: "strangers",
  silent: "cloud-tls",
  unclear: "cloud-tls",
  "dns-silent": "cloud-tls",
  "dns-failing": "cloud-tls",
  "no-name": "cloud-tls",
} as const satisfies Row;

/** As that, but without TLS: so a page answers, and no broker whose authority is new. */
const PLAIN = { ...ANSWERED, foreign: "captive-portal" } as const satisfies Row;

/** Rows: port 8883; columns: port 443, where that changes anything. */
const VERDICTS = Object.freeze(
  {
    silent: SILENT,
    hung: SILENT,
    refused: REFUSED,
    cut: REFUSED,
    plain: PLAIN,
    foreign: ANSWERED,
    unclear: ANSWERED,
    finished: "broker-down",
    cloud: "cloud-tls",
    // A name can be without an answer and 443 reached all the same: by an address, or by an older answer.
    "dns-silent": {
      cloud: "dns-blocked",
      plain: "captive-portal",
      foreign: "captive-portal",
      silent: "no-internet",
      unclear: "dns-blocked",
      "dns-silent": "dns-blocked",
      "dns-failing": "no-internet",
      "no-name": undefined,
    },
    "dns-failing": {
      cloud: "dns-blocked",
      plain: "captive-portal",
      foreign: "captive-portal",
      silent: "no-internet",
      unclear: undefined,
      "dns-silent": "no-internet",
      "dns-failing": "no-internet",
      "no-name": undefined,
    },
    "no-name": {
      cloud: "name-not-found",
      plain: "captive-portal",
      foreign: "captive-portal",
      silent: undefined,
      unclear: undefined,
      "dns-silent": undefined,
      "dns-failing": undefined,
      "no-name": "name-not-found",
    },
  } as const satisfies Record<BrokerEvidence, Row | LinkFailure>,
  true,
);

/** Whether a reason is one of name, socket or greeting, and so one for {@link diagnoseLink}; an MQTT refusal is not. */
export function isBrokerFailure(reason: string): reason is BrokerFailure {
  return Object.hasOwn(EVIDENCE, reason);
}

/** Whether port 443 must be opened to tell why 8883 failed. */
export function needsProbe(broker: BrokerFailure): boolean {
  return typeof VERDICTS[EVIDENCE[broker]] !== "string";
}

/** Of two failures at two addresses of one host, the one that tells more: the verdict is about all of them. */
export function moreTelling<Failure extends BrokerFailure>(first: Failure, second: Failure): Failure {
  const rank = (failure: BrokerFailure): number => EVIDENCE_ORDER.indexOf(EVIDENCE[failure]);
  return rank(second) > rank(first) ? second : first;
}

/**
 * Why the cloud is not reached, from how both openings ended and whether a name or time server has just answered;
 * `undefined` when that does not tell. Pure.
 */
export function diagnoseLink(
  broker: BrokerFailure,
  probe: ProbeResult,
  isHeard: boolean,
): LinkFailure | undefined {
  const row: Row | LinkFailure = VERDICTS[EVIDENCE[broker]];
  if (typeof row === "string") return row;
  const seen: BrokerEvidence = probe === "verified" ? "cloud" : EVIDENCE[probe];
  const verdict = Object.hasOwn(row, seen) ? row[seen as ProbeEvidence] : row.silent;
  if (verdict !== "nobody" && verdict !== "strangers") return verdict;
  return BY_HEARING[verdict][isHeard ? 0 : 1];
}
