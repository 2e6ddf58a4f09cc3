import { connect, type Socket } from "node:net";

/** PUBACK: type, length, packet identifier. */
const PUBACK_BYTES = 4;
const CONNACK_BYTES = 4;
const MAX_ID = 65_535;
/** Not acknowledged yet: identifiers must not come round before. */
const MOST_UNDER_WAY = 20_000;

/**
 * A publisher that costs little, for it shares the processors with what it measures: MQTT 3.1.1 at QoS 1, packets
 * written as they are made, acknowledgements counted and not looked at.
 */
export class Publisher {
  #socket: Socket;
  #id = 0;
  #bytes = 0;
  #sent = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(port: number, clientId: string): Promise<Publisher> {
    const socket = connect(port, "127.0.0.1").setNoDelay(true);
    const publisher = new Publisher(socket);
    const connected = new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("data", () => resolve());
    });
    socket.on("data", (chunk: Buffer) => {
      publisher.#bytes += chunk.length;
    });
    // Protocol MQTT, level 4, clean session, keep-alive off.
    socket.write(packet(0x10, Buffer.from([0, 4, ...Buffer.from("MQTT"), 4, 2, 0, 0]), text(clientId)));
    await connected;
    socket.on("error", (error) => {
      throw error;
    });
    return publisher;
  }

  /** What the broker has taken. */
  get acknowledged(): number {
    return Math.floor((this.#bytes - CONNACK_BYTES) / PUBACK_BYTES);
  }

  get underWay(): number {
    return this.#sent - this.acknowledged;
  }

  get hasRoom(): boolean {
    return this.underWay < MOST_UNDER_WAY;
  }

  /** Those of one turn of the event loop go out together. */
  publish(topic: string, payload: Uint8Array): void {
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      setImmediate(() => this.#socket.uncork());
    }
    this.#id = (this.#id % MAX_ID) + 1;
    this.#sent++;
    this.#socket.write(packet(0x32, text(topic), Buffer.from([this.#id >> 8, this.#id & 0xff]), payload));
  }

  close(): void {
    this.#socket.destroy();
  }
}

function packet(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (length >= 128 * 128) throw new RangeError("longer than a device's packets");
  const head = length < 128 ? [type, length] : [type, (length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from(head), ...parts]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
