/** A packet above the bound, after its last byte passed. Its body was never kept. */
export interface OversizedPacket {
  /** Control packet type, the high nibble of the first byte. */
  readonly type: number;
  /** Of a PUBLISH; 0 otherwise. */
  readonly qos: number;
  /** Of a PUBLISH above QoS 0; 0 otherwise. */
  readonly packetId: number;
  /** Bytes of the topic name of a PUBLISH; 0 otherwise. */
  readonly topicLength: number;
  /** Bytes of the whole packet. */
  readonly bytes: number;
}

export interface FramerOptions {
  /** Largest packet that is kept, fixed header included. */
  readonly maxPacketBytes: number;
  /** A whole packet; the receiver owns the bytes. */
  onPacket(packet: Uint8Array): void;
  onOversized(packet: OversizedPacket): void;
}

type State =
  /** Before the first byte of a packet. */
  | "type"
  /** Within the remaining length. */
  | "length"
  /** Within a packet that is kept. */
  | "body"
  /** Within a packet that is too large to keep. */
  | "skip"
  /** The bytes are not MQTT; nothing more is read. */
  | "malformed"
  | "closed";

const PUBLISH = 3;
/** Continuation bit of the variable byte integer. */
const MORE = 0x80;
const MAX_LENGTH_BYTES = 4;
/** Below, a skipped PUBLISH might end before its topic length. */
const MIN_PACKET_BOUND = 16;

/**
 * Cuts a byte stream into MQTT packets by their fixed header (3.1.1 and 5, section 2.2). Memory: one packet of at
 * most `maxPacketBytes`. Of a larger one only the packet id is read, so that it can be acknowledged: a broker
 * would deliver it again for ever.
 */
export class Framer {
  #options: FramerOptions;
  #state: State = "type";
  #firstByte = 0;
  #remaining = 0;
  #lengthBytes = 0;
  /** Bytes of the current packet seen so far; in "body" and "skip". */
  #seen = 0;
  #total = 0;
  #packet: Uint8Array | undefined;
  /** In "skip": where nothing of interest follows. */
  #headEnd = 0;
  #topicLength = 0;
  #packetId = 0;

  constructor(options: FramerOptions) {
    if (!(options.maxPacketBytes >= MIN_PACKET_BOUND)) throw new RangeError("maxPacketBytes");
    this.#options = options;
  }

  /** Takes the next bytes, cut anywhere. False: the stream is malformed; it cannot recover. */
  feed(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case "type":
          this.#firstByte = bytes[at++]!;
          this.#remaining = 0;
          this.#lengthBytes = 0;
          this.#state = "length";
          break;
        case "length":
          this.readLength(bytes[at++]!);
          break;
        case "body":
          at += this.keep(bytes, at);
          break;
        case "skip":
          at += this.skip(bytes, at);
          break;
        default:
          at = bytes.length;
      }
    }
    return this.#state !== "malformed";
  }

  /** Drops what waits and calls back no more, also from inside a callback. */
  close(): void {
    this.#state = "closed";
    this.#packet = undefined;
  }

  private get qos(): number {
    return this.#firstByte >> 4 === PUBLISH ? (this.#firstByte >> 1) & 3 : 0;
  }

  private readLength(byte: number): void {
    this.#remaining += (byte & ~MORE) * 128 ** this.#lengthBytes++;
    if (byte & MORE) {
      if (this.#lengthBytes === MAX_LENGTH_BYTES) this.#state = "malformed";
      return;
    }
    const headerBytes = 1 + this.#lengthBytes;
    this.#total = headerBytes + this.#remaining;
    this.#seen = headerBytes;
    if (this.#total > this.#options.maxPacketBytes) this.startSkip();
    else this.startBody();
  }

  private startBody(): void {
    const packet = new Uint8Array(this.#total);
    packet[0] = this.#firstByte;
    let length = this.#remaining;
    for (let i = 1; i <= this.#lengthBytes; i++) {
      packet[i] = (length % 128) | (i < this.#lengthBytes ? MORE : 0);
      length = Math.floor(length / 128);
    }
    this.#packet = packet;
    this.#state = "body";
    if (this.#remaining === 0) this.finishBody();
  }

  private keep(bytes: Uint8Array, at: number): number {
    const count = Math.min(bytes.length - at, this.#total - this.#seen);
    this.#packet!.set(bytes.subarray(at, at + count), this.#seen);
    this.#seen += count;
    if (this.#seen === this.#total) this.finishBody();
    return count;
  }

  private finishBody(): void {
    const packet = this.#packet!;
    this.#packet = undefined;
    this.#state = "type";
    this.#options.onPacket(packet);
  }

  private startSkip(): void {
    this.#topicLength = 0;
    this.#packetId = 0;
    this.#headEnd = this.#firstByte >> 4 === PUBLISH ? this.#seen + 2 : 0;
    // [MQTT-3.3.1-4]
    this.#state = this.qos === 3 ? "malformed" : "skip";
  }

  private skip(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && this.#seen < this.#headEnd) this.readHead(bytes[at++]!);
    if (this.#state === "malformed") return at - start;
    const rest = Math.min(bytes.length - at, this.#total - this.#seen);
    this.#seen += rest;
    if (this.#seen === this.#total) this.finishSkip();
    return at - start + rest;
  }

  /** Topic length, topic and packet id come first in a PUBLISH [MQTT-3.3.2-1]. */
  private readHead(byte: number): void {
    const offset = this.#seen++ - 1 - this.#lengthBytes;
    if (offset < 2) this.#topicLength = (this.#topicLength << 8) | byte;
    else if (offset >= 2 + this.#topicLength) this.#packetId = (this.#packetId << 8) | byte;
    if (offset !== 1) return;
    const headEnd = this.#seen + this.#topicLength + (this.qos > 0 ? 2 : 0);
    if (headEnd > this.#total) this.#state = "malformed";
    else if (this.qos > 0) this.#headEnd = headEnd;
  }

  private finishSkip(): void {
    this.#state = "type";
    this.#options.onOversized({
      type: this.#firstByte >> 4,
      qos: this.qos,
      packetId: this.#packetId,
      topicLength: this.#topicLength,
      bytes: this.#total,
    });
  }
}
