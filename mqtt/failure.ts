import type { GreetingFailure } from "../modules/network/link-diagnosis";
import type { SocketFailure } from "../modules/network/socket";

/** Why a connection to the broker ended or never came up. A closed set. */
export type SessionFailure =
  | SocketFailure
  /** Connected, but no CONNACK within its limit, or the end of the connection in its place. */
  | GreetingFailure
  /** CONNACK: the broker does not speak this protocol version. */
  | "refused-protocol-version"
  | "refused-client-id"
  /** CONNACK: the broker is there but busy, moving or shutting down. */
  | "refused-server-unavailable"
  /** CONNACK: user name, password or authentication method. */
  | "refused-credentials"
  | "refused-not-authorised"
  /** CONNACK with another code; the log has the number. */
  | "refused-other"
  /** The broker offers no QoS 1 or no retained messages, which this device cannot do without. */
  | "broker-unsuitable"
  /** Nothing arrived within the limit after a PINGREQ: the link is dead, whatever TCP says. */
  | "ping-timeout"
  /** The broker lives, and for minutes has acknowledged nothing of what it was sent. */
  | "acknowledgement-timeout"
  /** The broker sent what MQTT does not allow. */
  | "protocol-error"
  /** MQTT 5: another connection took this client id. */
  | "session-taken-over"
  /** MQTT 5: the broker said goodbye; the log has the number. */
  | "server-disconnect"
  /** We said goodbye. */
  | "disconnected";

/** CONNACK return codes of 3.1.1 (table 3.1) and reason codes of 5 (section 3.2.2.2); the two do not overlap. */
const REFUSALS = Object.freeze<Record<number, SessionFailure>>({
  1: "refused-protocol-version",
  2: "refused-client-id",
  3: "refused-server-unavailable",
  4: "refused-credentials",
  5: "refused-not-authorised",
  132: "refused-protocol-version",
  133: "refused-client-id",
  134: "refused-credentials",
  135: "refused-not-authorised",
  136: "refused-server-unavailable",
  137: "refused-server-unavailable",
  /** Banned. */
  138: "refused-not-authorised",
  140: "refused-credentials",
  /** Retain not supported, QoS not supported: asked for by the will. */
  154: "broker-unsuitable",
  155: "broker-unsuitable",
  /** Use another server, server moved, connection rate exceeded. */
  156: "refused-server-unavailable",
  157: "refused-server-unavailable",
  159: "refused-server-unavailable",
});

/** What a CONNACK code other than 0 means. */
export function refusal(code: number): SessionFailure {
  return REFUSALS[code] ?? "refused-other";
}

const SESSION_TAKEN_OVER = 0x8e;

/** What a DISCONNECT of the server means (5, section 3.14.2.1). */
export function goodbye(code: number): SessionFailure {
  return code === SESSION_TAKEN_OVER ? "session-taken-over" : "server-disconnect";
}
