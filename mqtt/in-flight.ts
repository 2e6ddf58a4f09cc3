import Time from "time";
import { encodeAnew, type MessageKind, type ProtocolVersion } from "./encode";
import type { OutgoingPacket } from "./outgoing";
import { GUILTY_CLOSES, orderOf, SUSPECT_CLOSES, type Suspect } from "./suspicion";

/** How a QoS 1 message ended. */
export type MessageOutcome =
  | "acknowledged"
  /** By the broker's reason code (MQTT 5). */
  | "refused"
  /** The broker takes no packet of that size (MQTT 5). */
  | "too-large"
  /** The broker ended the connection over it, again and again. */
  | "cut-off";

/** A QoS 1 PUBLISH that has not been acknowledged. */
export interface InFlightPacket extends OutgoingPacket, Suspect {
  id: number;
  topic: string;
  readonly kind: MessageKind;
  bytes: Uint8Array;
  /** Of `bytes`. */
  version: ProtocolVersion;
  /** `bytes` names the topic by an alias of this connection. */
  hasAlias: boolean;
  readonly onSettled: ((outcome: MessageOutcome) => void) | undefined;
  /** On the current connection. */
  progress: InFlightProgress;
  /** Ticks when it was given to this connection. */
  sentAt: number;
  /** A broker that lives has let it run into the limit: some keep silence on all that follows such a message. */
  isLate: boolean;
}

export type InFlightProgress =
  /** Not given to this connection yet. */
  | "waiting"
  /** Given to this connection, in order. */
  | "sent"
  /** Larger than this connection's broker takes; about to be dropped. */
  | "too-large";

/** What is new in the window. */
export interface NewPacket {
  readonly id: number;
  readonly topic: string;
  readonly kind: MessageKind;
  readonly bytes: Uint8Array;
  readonly version: ProtocolVersion;
  /** `undefined`: no suspect. */
  readonly strikes: number | undefined;
  readonly onSettled: ((outcome: MessageOutcome) => void) | undefined;
}

const MAX_PACKET_ID = 65535;
/** DUP in the first byte of a PUBLISH (3.1.1 and 5, figure 3-8). */
const DUP = 0x08;

/**
 * The bounded window of unacknowledged messages; it outlives connections and keeps the order of publishing, but for
 * suspects, announcements and what is late, which are published anew after the others.
 */
export class InFlight {
  #packetLimit: number;
  #byteLimit: number;
  #packets: InFlightPacket[] = [];
  #bytes = 0;
  #lastId = 0;

  constructor(packetLimit: number, byteLimit: number) {
    this.#packetLimit = packetLimit;
    this.#byteLimit = byteLimit;
  }

  get size(): number {
    return this.#packets.length;
  }

  /** False when nothing fits, whatever its size. */
  get hasRoom(): boolean {
    return this.#packets.length < this.#packetLimit && this.#bytes < this.#byteLimit;
  }

  /** As {@link hasRoom}: the last place is a reading's. */
  hasRoomFor(kind: MessageKind): boolean {
    const spared = kind === "reading" || this.#packetLimit === 1 ? 0 : 1;
    return this.#packets.length < this.#packetLimit - spared && this.#bytes < this.#byteLimit;
  }

  /** What has been out for longest on this connection. */
  get oldestSent(): InFlightPacket | undefined {
    let oldest: InFlightPacket | undefined;
    for (const packet of this.#packets)
      if (packet.progress === "sent" && (!oldest || Time.delta(packet.sentAt) > Time.delta(oldest.sentAt)))
        oldest = packet;
    return oldest;
  }

  /** The most closes of the broker that one of them was in flight at. */
  get mostCloses(): number {
    let most = 0;
    for (const { closes } of this.#packets) most = Math.max(most, closes);
    return most;
  }

  /** An id from 1 to 65535 that is neither in flight nor `taken` [MQTT-2.3.1-1], [MQTT-2.3.1-2]. */
  nextId(taken = 0): number {
    do this.#lastId = (this.#lastId % MAX_PACKET_ID) + 1;
    while (this.#lastId === taken || this.find(this.#lastId));
    return this.#lastId;
  }

  /** False when the window is full. */
  add({ id, topic, kind, bytes, version, strikes, onSettled }: NewPacket): boolean {
    if (this.#packets.length >= this.#packetLimit || this.#bytes + bytes.length > this.#byteLimit)
      return false;
    this.#packets.push({
      id,
      topic,
      kind,
      bytes,
      version,
      hasAlias: false,
      onSettled,
      started: false,
      finished: false,
      progress: "waiting",
      sentAt: 0,
      isLate: false,
      closes: strikes === undefined ? 0 : GUILTY_CLOSES,
      alone: strikes ?? 0,
    });
    this.#bytes += bytes.length;
    return true;
  }

  /** The next packet to send; none when `limit` packets are out on this connection. */
  next(limit: number): InFlightPacket | undefined {
    let out = 0;
    let best: InFlightPacket | undefined;
    for (const packet of this.#packets) {
      if (packet.progress === "sent") out++;
      else if (packet.progress === "waiting" && (!best || orderOf(packet) < orderOf(best))) best = packet;
    }
    return out < (best?.isLate ? 1 : limit) ? best : undefined;
  }

  /** The broker lives and has not acknowledged one for too long: the others go before it from here on. */
  late(): void {
    const packet = this.oldestSent;
    if (packet) packet.isLate = true;
  }

  /** Takes out the packet that a PUBACK is about; none when no such packet has left on this connection. */
  acknowledge(id: number): InFlightPacket | undefined {
    const packet = this.find(id);
    if (!packet?.finished) return undefined;
    this.remove(packet);
    return packet;
  }

  /** Takes out and returns those that are too large for this connection. */
  takeTooLarge(): InFlightPacket[] {
    const taken = this.#packets.filter((packet) => packet.progress === "too-large");
    for (const packet of taken) this.remove(packet);
    return taken;
  }

  /**
   * The broker ended the connection, with `others` in flight beside these. Takes out and returns the one that is guilty.
   */
  struck(others: number): InFlightPacket | undefined {
    const out = this.#packets.filter(({ progress, started }) => progress === "sent" && started);
    for (const packet of out) {
      packet.closes++;
      if (out.length + others === 1) packet.alone++;
    }
    const guilty = out.find(({ alone }) => alone >= GUILTY_CLOSES);
    if (guilty) this.remove(guilty);
    return guilty;
  }

  /** There is another explanation: nobody is suspect any more. */
  forgive(): void {
    for (const packet of this.#packets) packet.closes = packet.alone = 0;
  }

  /**
   * A new connection: all wait again, with their ids [MQTT-2.3.1-3] and in order [MQTT-4.6.0-1]. With `redelivery`
   * what has left before is marked DUP [MQTT-3.3.1-1]; without, the broker knows nothing of it. What is to go after the
   * others is a new message under a new id: sent again it would have to keep its place.
   */
  restart(redelivery: boolean, version: ProtocolVersion): void {
    for (const packet of this.#packets) {
      const isNew = packet.kind === "announcement" || packet.closes >= SUSPECT_CLOSES || packet.isLate;
      if (packet.started && isNew) packet.id = this.nextId();
      if (packet.version !== version || packet.hasAlias || (packet.started && isNew))
        this.encode(packet, packet.topic, version);
      const first = packet.bytes[0]!;
      if (!redelivery) packet.bytes[0] = first & ~DUP;
      else if (packet.started && !isNew) packet.bytes[0] = first | DUP;
      packet.started = false;
      packet.finished = false;
      packet.progress = "waiting";
    }
  }

  /** Between connections: topics that begin with `from` begin with `to` now. */
  rename(from: string, to: string): void {
    if (from === to) return;
    for (const packet of this.#packets) {
      if (!packet.topic.startsWith(`${from}/`)) continue;
      packet.topic = to + packet.topic.slice(from.length);
      packet.started = packet.finished = false;
      this.encode(packet, packet.topic, packet.version);
    }
  }

  /** Names the topic of a packet that waits by alias 1, and by itself too unless the broker knows the alias (MQTT 5). */
  nameByAlias(packet: InFlightPacket, isKnown: boolean): void {
    this.encode(packet, isKnown ? "" : packet.topic, 5, 1);
  }

  clear(): void {
    this.#packets.length = 0;
    this.#bytes = 0;
  }

  private encode(packet: InFlightPacket, topic: string, version: ProtocolVersion, alias?: number): void {
    const { bytes } = packet;
    packet.bytes = encodeAnew({ topic, bytes }, packet.id, packet.version, version, alias);
    packet.version = version;
    packet.hasAlias = alias !== undefined;
    this.#bytes += packet.bytes.length - bytes.length;
  }

  private find(id: number): InFlightPacket | undefined {
    for (const packet of this.#packets) if (packet.id === id) return packet;
    return undefined;
  }

  private remove(packet: InFlightPacket): void {
    this.#packets.splice(this.#packets.indexOf(packet), 1);
    this.#bytes -= packet.bytes.length;
  }
}
