import TextEncoder from "text/encoder";
import { type ProtocolVersion, writeToStream } from "./codec/mqtt-packet";

export type { ProtocolVersion } from "./codec/mqtt-packet";

/** A message to publish. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain?: boolean;
}

export interface Subscription {
  readonly topic: string;
  readonly qos: 0 | 1;
}

export interface ConnectFields {
  readonly clientId: string;
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
    keepalive: fields.keepAliveSeconds,
    will: fields.will,
    properties: {
      sessionExpiryInterval: fields.sessionExpirySeconds,
      maximumPacketSize: fields.maxPacketBytes,
    },
  };
  return encode(packet, version);
}

/** `packetId` is 0 at QoS 0. */
export function encodePublish(message: Message, packetId: number, version: ProtocolVersion): Uint8Array {
  const { topic, payload, qos, retain = false } = message;
  return encode({ cmd: "publish", topic, payload, qos, retain, dup: false, messageId: packetId }, version);
}

export function encodeSubscribe(
  subscriptions: readonly Subscription[],
  packetId: number,
  version: ProtocolVersion,
): Uint8Array {
  return encode({ cmd: "subscribe", messageId: packetId, subscriptions }, version);
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

/** Normal disconnection: the broker drops the will [MQTT-3.14.4-3]. */
export function encodeDisconnect(version: ProtocolVersion): Uint8Array {
  return encode({ cmd: "disconnect", reasonCode: 0 }, version);
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
