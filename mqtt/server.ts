import type { Connack } from "./decode";
import type { ProtocolVersion } from "./encode";
import type { SessionFailure } from "./failure";
import type { InFlightPacket } from "./in-flight";

/** One broker that restarts is no reason to change the version. */
const UNANSWERED_LIMIT = 2;
/** Without the property (5, section 3.2.2.3.3). */
const MAX_RECEIVE_MAXIMUM = 65535;
/** What a topic alias adds to a packet that names its topic too (5, section 3.3.2.3.4). */
const ALIAS_BYTES = 3;
/** DUP in the first byte of a PUBLISH. */
const DUP = 0x08;

/**
 * What a session knows of its broker: which version it takes, and, of the connection that is there, its limits and what it
 * knows by alias. A broker that takes no MQTT 5 is spoken to in 3.1.1. Some say so, some close or answer nonsense: where
 * neither version is answered they are tried in turn.
 */
export class Server {
  /** For the next connection. */
  version: ProtocolVersion;
  /** QoS 1 messages that are not acknowledged, at most. */
  receiveMaximum = MAX_RECEIVE_MAXIMUM;
  #wanted: ProtocolVersion;
  /** Attempts in a row that ended while the broker had CONNECT, without a reason. */
  #unanswered = 0;
  #maximumPacketSize = Number.MAX_SAFE_INTEGER;
  #aliasMaximum = 0;
  /** What the broker takes alias 1 for. */
  #aliased: string | undefined;

  constructor(wanted: ProtocolVersion) {
    this.#wanted = this.version = wanted;
  }

  accepted(connack: Connack): void {
    this.#unanswered = 0;
    this.receiveMaximum = connack.receiveMaximum ?? MAX_RECEIVE_MAXIMUM;
    this.#maximumPacketSize = connack.maximumPacketSize ?? Number.MAX_SAFE_INTEGER;
    this.#aliasMaximum = connack.topicAliasMaximum ?? 0;
    this.#aliased = undefined;
  }

  /** An attempt failed before CONNACK. True: the next one is in another version. */
  failed(reason: SessionFailure): boolean {
    if (this.#wanted === 4) return false;
    const isMute = reason === "closed-on-connect" || reason === "protocol-error";
    this.#unanswered = isMute ? this.#unanswered + 1 : 0;
    if (reason !== "refused-protocol-version" && this.#unanswered < UNANSWERED_LIMIT) return false;
    this.#unanswered = 0;
    this.version = this.version === 5 ? 4 : 5;
    return true;
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
