import type { OutgoingPacket } from "./outgoing";

/** How a QoS 1 message ended: the broker has it, refused it (MQTT 5), or would not take a packet of that size. */
export type PublishOutcome = "acknowledged" | "refused" | "too-large";

/** A QoS 1 PUBLISH that has not been acknowledged. */
export interface InFlightPacket extends OutgoingPacket {
  readonly id: number;
  readonly topic: string;
  readonly onSettled: ((outcome: PublishOutcome) => void) | undefined;
  /** On the current connection. */
  progress: InFlightProgress;
}

export type InFlightProgress =
  /** Not given to this connection yet. */
  | "waiting"
  /** Given to this connection, in order. */
  | "sent"
  /** Larger than this connection's broker takes; about to be dropped. */
  | "too-large";

const MAX_PACKET_ID = 65535;
/** DUP in the first byte of a PUBLISH (3.1.1 and 5, figure 3-8). */
const DUP = 0x08;

/** The bounded window of unacknowledged messages; it outlives connections and keeps the order of publishing. */
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

  /** Something was sent on this connection that has not been acknowledged. */
  get isOwed(): boolean {
    return this.#packets.some(({ progress }) => progress === "sent");
  }

  /** An id from 1 to 65535 that is neither in flight nor `taken` [MQTT-2.3.1-1], [MQTT-2.3.1-2]. */
  nextId(taken = 0): number {
    do this.#lastId = (this.#lastId % MAX_PACKET_ID) + 1;
    while (this.#lastId === taken || this.find(this.#lastId));
    return this.#lastId;
  }

  /** False when the window is full. */
  add(
    id: number,
    topic: string,
    bytes: Uint8Array,
    onSettled: ((outcome: PublishOutcome) => void) | undefined,
  ): boolean {
    if (this.#packets.length >= this.#packetLimit || this.#bytes + bytes.length > this.#byteLimit)
      return false;
    this.#packets.push({ id, topic, bytes, onSettled, started: false, finished: false, progress: "waiting" });
    this.#bytes += bytes.length;
    return true;
  }

  /** The next packet to send; none when `limit` packets are out on this connection. */
  next(limit: number): InFlightPacket | undefined {
    let out = 0;
    for (const packet of this.#packets) {
      if (packet.progress === "waiting") return packet;
      if (packet.progress === "sent" && ++out >= limit) return undefined;
    }
    return undefined;
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
   * A new connection: all wait again, with their ids [MQTT-2.3.1-3] and in order [MQTT-4.6.0-1]. With `redelivery`
   * what has left before is marked DUP [MQTT-3.3.1-1]; without, the broker knows nothing of it.
   */
  restart(redelivery: boolean): void {
    for (const packet of this.#packets) {
      const first = packet.bytes[0]!;
      if (!redelivery) packet.bytes[0] = first & ~DUP;
      else if (packet.started) packet.bytes[0] = first | DUP;
      packet.started = false;
      packet.finished = false;
      packet.progress = "waiting";
    }
  }

  clear(): void {
    this.#packets.length = 0;
    this.#bytes = 0;
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
