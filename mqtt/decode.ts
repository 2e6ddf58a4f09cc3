import { type PacketParser, type ParsedPacket, Parser, type ProtocolVersion } from "./codec/mqtt-packet";
import { arePropertiesSound } from "./properties";

/** What a broker may send to a client of ours, checked. `code` is 0 for success. */
export type InboundPacket = Connack | InboundPublish | Acknowledgement | Suback | Pingresp | ServerDisconnect;

export interface Connack {
  readonly cmd: "connack";
  readonly sessionPresent: boolean;
  readonly code: number;
  /** MQTT 5, else absent: QoS 1 messages that the broker takes before it has acknowledged one. */
  readonly receiveMaximum: number | undefined;
  /** MQTT 5, else absent: largest packet that the broker takes, bytes. */
  readonly maximumPacketSize: number | undefined;
  /** MQTT 5, else absent: topic aliases that the broker takes. */
  readonly topicAliasMaximum: number | undefined;
  /** MQTT 5, else absent: seconds; 0 means no keep-alive. */
  readonly serverKeepAlive: number | undefined;
  /** False when an MQTT 5 broker offers no QoS 1 or no retained messages. */
  readonly suitable: boolean;
}

export interface InboundPublish {
  readonly cmd: "publish";
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 at QoS 0. */
  readonly packetId: number;
}

/** PUBACK: `code` from 0x80 on is a refusal (MQTT 5). PUBREL: the second half of an inbound QoS 2. */
export interface Acknowledgement {
  readonly cmd: "puback" | "pubrel";
  readonly packetId: number;
  readonly code: number;
}

export interface Suback {
  readonly cmd: "suback";
  readonly packetId: number;
  /** A code for each topic filter asked for: granted QoS, or a refusal from 0x80 on. */
  readonly granted: readonly number[];
}

export interface Pingresp {
  readonly cmd: "pingresp";
}

export interface ServerDisconnect {
  readonly cmd: "disconnect";
  readonly code: number;
}

/** Decodes the packets of one connection. */
export class Decoder {
  #version: ProtocolVersion;
  #parser: PacketParser;
  #packet: ParsedPacket | undefined;

  constructor(version: ProtocolVersion) {
    this.#version = version;
    this.#parser = Parser.parser({ protocolVersion: version }).on("packet", (packet) => {
      this.#packet = packet;
    });
  }

  /** `undefined`: malformed, or nothing that a broker may send. The connection must then be closed [MQTT-4.8.0-1]. */
  decode(bytes: Uint8Array): InboundPacket | undefined {
    this.#packet = undefined;
    try {
      this.#parser.parse(bytes);
    } catch {
      // Short fields and ill-formed UTF-8 end here [MQTT-1.5.3-1].
      return undefined;
    }
    if (!this.#packet || (this.#version === 5 && !arePropertiesSound(bytes))) return undefined;
    return check(this.#packet, this.#version);
  }
}

function check(packet: ParsedPacket, version: ProtocolVersion): InboundPacket | undefined {
  switch (packet.cmd) {
    case "connack":
      return checkConnack(packet, version);
    case "publish":
      return checkPublish(packet);
    case "puback":
    case "pubrel":
      if (!isPacketId(packet.messageId) || (version === 4 && packet.length !== 2)) return undefined;
      return { cmd: packet.cmd, packetId: packet.messageId, code: packet.reasonCode ?? 0 };
    case "suback":
      if (!isPacketId(packet.messageId) || !packet.granted) return undefined;
      return { cmd: "suback", packetId: packet.messageId, granted: packet.granted };
    case "pingresp":
      return packet.length === 0 ? { cmd: "pingresp" } : undefined;
    case "disconnect":
      return version === 5 ? { cmd: "disconnect", code: packet.reasonCode ?? 0 } : undefined;
    default:
      return undefined;
  }
}

function checkConnack(packet: ParsedPacket, version: ProtocolVersion): Connack | undefined {
  // A broker without MQTT 5 refuses it in the form of 3.1.1.
  const code = version === 5 ? packet.reasonCode : packet.returnCode;
  if (code === undefined || packet.length < 2 || (version === 4 && packet.length !== 2)) return undefined;
  const properties = packet.properties ?? {};
  const receiveMaximum = properties.receiveMaximum;
  const maximumPacketSize = properties.maximumPacketSize;
  const { topicAliasMaximum, serverKeepAlive } = properties;
  // Both are protocol errors when 0 (5, sections 3.2.2.3.3 and 3.2.2.3.6); a repeated property comes as an array.
  if (!isAbsentOr(receiveMaximum, 1) || !isAbsentOr(maximumPacketSize, 1)) return undefined;
  if (!isAbsentOr(topicAliasMaximum, 0) || !isAbsentOr(serverKeepAlive, 0)) return undefined;
  return {
    cmd: "connack",
    sessionPresent: packet.sessionPresent === true,
    code,
    receiveMaximum,
    maximumPacketSize,
    topicAliasMaximum,
    serverKeepAlive,
    suitable: properties.maximumQoS !== 0 && properties.retainAvailable !== false,
  };
}

function checkPublish(packet: ParsedPacket): InboundPublish | undefined {
  const { topic, payload, qos, retain, dup, messageId } = packet;
  // Topic aliases are ours to allow (5, section 3.3.2.3.4), and we do not.
  if (!topic || !payload || packet.properties?.topicAlias !== undefined) return undefined;
  // [MQTT-3.3.2-2], [MQTT-4.7.3-2]
  if (topic.includes("#") || topic.includes("+") || topic.includes("\0")) return undefined;
  if (qos === 0) return { cmd: "publish", topic, payload, qos, retain, dup, packetId: 0 };
  if (!isPacketId(messageId)) return undefined;
  return { cmd: "publish", topic, payload, qos, retain, dup, packetId: messageId };
}

/** [MQTT-2.3.1-1]; the parser gives -1 where bytes are missing. */
function isPacketId(value: unknown): value is number {
  return typeof value === "number" && value >= 1 && value <= 65535;
}

function isAbsentOr(value: unknown, least: number): value is number | undefined {
  return value === undefined || (typeof value === "number" && value >= least);
}
