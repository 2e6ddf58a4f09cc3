import TextEncoder from "text/encoder";
import { type ProtocolVersion, writeToStream } from "./codec/mqtt-packet";

export type { ProtocolVersion } from "./codec/mqtt-packet";

/**
 * What a message is to us. Readings have one place of the window to themselves, announcements go after everything else.
 */
export type MessageKind =
  /** Telemetry: the owner keeps it until the broker has it. */
  | "reading"
  /** Status, reports, results. */
  | "word"
  /** For others than our cloud: Home Assistant. */
  | "announcement";

/** A message to publish. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain?: boolean;
  /** Default "reading". */
  readonly kind?: MessageKind;
  /** A suspect (suspicion.ts): the broker's closes over it alone before. It goes alone, and after the others. */
  readonly strikes?: number;
}

export interface Subscription {
  readonly topic: string;
  readonly qos: 0 | 1;
}

export interface ConnectFields {
  readonly clientId: string;
  /** Empty: neither user name nor password. */
  readonly user: string;
  readonly password: string;
  readonly keepAliveSeconds: number;
  readonly will: Message | undefined;
  /** MQTT 5 only: how long the broker keeps the session of a client that is away. */
  readonly sessionExpirySeconds: number;
  /** MQTT 5 only: largest packet that the broker may send. */
  readonly maxPacketBytes: number;
}

/** The session is kept (clean session, clean start off) [MQTT-3.1.2-4]. */
export function encodeConnect(fields: ConnectFields, version: ProtocolVersion): Uint8Array {
  const packet = {
    cmd: "connect",
    protocolVersion: version,
    clean: false,
    clientId: fields.clientId,
    ...(fields.user !== "" && {
      username: fields.user,
      ...(fields.password !== "" && { password: fields.password }),
    }),
    keepalive: fields.keepAliveSeconds,
    will: fields.will,
    properties: {
      sessionExpiryInterval: fields.sessionExpirySeconds,
      maximumPacketSize: fields.maxPacketBytes,
    },
  };
  return encode(packet, version);
}

/** `packetId` is 0 at QoS 0. With `topicAlias` (MQTT 5) the topic may be empty: the broker knows it by the alias. */
export function encodePublish(
  message: Message,
  packetId: number,
  version: ProtocolVersion,
  topicAlias?: number,
): Uint8Array {
  const { topic, payload, qos, retain = false } = message;
  const packet = { cmd: "publish", topic, payload, qos, retain, dup: false, messageId: packetId };
  return encode(topicAlias === undefined ? packet : { ...packet, properties: { topicAlias } }, version);
}

/** The message of one of our QoS 1 PUBLISH packets under another id and in another version: without DUP, as new. */
export function encodeAnew(
  packet: { readonly topic: string; readonly bytes: Uint8Array },
  packetId: number,
  from: ProtocolVersion,
  to: ProtocolVersion,
  topicAlias?: number,
): Uint8Array {
  const { topic, bytes } = packet;
  let at = 1;
  while (bytes[at++]! & 0x80);
  // Topic and packet id (3.1.1, section 3.3.2), and in 5 the properties, none of ours above 127 bytes.
  at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!) + 2;
  if (from === 5) at += 1 + bytes[at]!;
  const retain = (bytes[0]! & 1) === 1;
  return encodePublish({ topic, payload: bytes.subarray(at), qos: 1, retain }, packetId, to, topicAlias);
}

/** One topic filter each, so that a broker that has something against one leaves us the others. */
export function encodeSubscribe(
  subscription: Subscription,
  packetId: number,
  version: ProtocolVersion,
): Uint8Array {
  return encode({ cmd: "subscribe", messageId: packetId, subscriptions: [subscription] }, version);
}

/** Answers to what the broker publishes: PUBACK at QoS 1, PUBREC and PUBCOMP at QoS 2. */
export function encodeAcknowledgement(
  cmd: "puback" | "pubrec" | "pubcomp",
  packetId: number,
  version: ProtocolVersion,
): Uint8Array {
  return encode({ cmd, messageId: packetId, reasonCode: 0 }, version);
}

export function encodePing(version: ProtocolVersion): Uint8Array {
  return encode({ cmd: "pingreq" }, version);
}

/** Normal disconnection, where the broker drops the will [MQTT-3.14.4-3], or in 5 the reason for another. */
export function encodeDisconnect(version: ProtocolVersion, reasonCode = 0): Uint8Array {
  return encode({ cmd: "disconnect", reasonCode }, version);
}

/** @throws RangeError for what MQTT cannot carry: the caller's mistake. */
function encode(packet: object, version: ProtocolVersion): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let reason = "not encodable";
  const stream = {
    write(chunk: Uint8Array | string): boolean {
      const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
      chunks.push(bytes);
      length += bytes.length;
      return true;
    },
    destroy(fault: Error): void {
      reason = fault.message;
    },
  };
  if (!writeToStream(packet, stream, { protocolVersion: version })) throw new RangeError(reason);
  const packetBytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    packetBytes.set(chunk, at);
    at += chunk.length;
  }
  return packetBytes;
}
