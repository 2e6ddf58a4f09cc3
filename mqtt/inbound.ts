import type { Connection } from "./connection";
import type { InboundPublish } from "./decode";
import { encodeAcknowledgement } from "./encode";
import type { OversizedPacket } from "./framer";
import type { DropReason, MessageFlags } from "./session-options";

/** Who is told of what the broker publishes to us. */
export interface InboundOwner {
  /** QoS 1 is acknowledged after this returns. */
  inboundMessage(topic: string, payload: Uint8Array, flags: MessageFlags): void;
  inboundDropped(reason: DropReason, topic: string, bytes: number): void;
}

export function takeMessage(owner: InboundOwner, connection: Connection, packet: InboundPublish): void {
  const { topic, payload, qos, retain, dup, packetId } = packet;
  if (qos === 2) {
    // Never subscribed to, but an older subscription may be left in the broker. Answered, or it would come back
    // at every connection [MQTT-4.3.3-2]; dropped, so that no ids need remembering.
    acknowledge(connection, "pubrec", packetId);
    owner.inboundDropped("qos-2", topic, payload.length);
    return;
  }
  owner.inboundMessage(topic, payload, { retain, dup });
  // [MQTT-4.3.2-2]
  if (qos === 1) acknowledge(connection, "puback", packetId);
}

export function takeOversized(owner: InboundOwner, connection: Connection, packet: OversizedPacket): void {
  if (packet.qos > 0) acknowledge(connection, packet.qos === 1 ? "puback" : "pubrec", packet.packetId);
  owner.inboundDropped("oversized", "", packet.bytes);
}

export function acknowledge(
  connection: Connection,
  cmd: "puback" | "pubrec" | "pubcomp",
  packetId: number,
): void {
  connection.send(encodeAcknowledgement(cmd, packetId, connection.version));
}
