import type { Connack } from "./decode";
import type { InFlightPacket } from "./in-flight";

/** Without the property (5, section 3.2.2.3.3). */
const MAX_RECEIVE_MAXIMUM = 65535;
/** What a topic alias adds to a packet that names its topic too (5, section 3.3.2.3.4). */
const ALIAS_BYTES = 3;
/** DUP in the first byte of a PUBLISH. */
const DUP = 0x08;

/** What the broker of one connection takes (MQTT 5; all else has no limits), and what it knows by alias. */
export class ServerLimits {
  /** QoS 1 messages that are not acknowledged, at most. */
  readonly receiveMaximum: number;
  #maximumPacketSize: number;
  #aliasMaximum: number;
  /** What the broker takes alias 1 for on this connection. */
  #aliased: string | undefined;

  constructor(connack?: Connack) {
    this.receiveMaximum = connack?.receiveMaximum ?? MAX_RECEIVE_MAXIMUM;
    this.#maximumPacketSize = connack?.maximumPacketSize ?? Number.MAX_SAFE_INTEGER;
    this.#aliasMaximum = connack?.topicAliasMaximum ?? 0;
  }

  /** [MQTT5-3.2.2-15] */
  fits(bytes: number): boolean {
    return bytes <= this.#maximumPacketSize;
  }

  /**
   * How `packet` is to name its topic, if it is of the one that comes again and again: "both", by topic and alias, so that
   * the next one can go by "alias" alone; "topic": as it is. What is sent again is.
   */
  naming({ kind, topic, bytes }: InFlightPacket): "topic" | "both" | "alias" {
    if (kind !== "reading" || this.#aliasMaximum === 0 || (bytes[0]! & DUP) !== 0) return "topic";
    if (topic === this.#aliased) return "alias";
    if (!this.fits(bytes.length + ALIAS_BYTES)) return "topic";
    this.#aliased = topic;
    return "both";
  }
}
