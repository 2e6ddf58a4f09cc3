import type { Socket } from "../modules/network/socket";

/** An encoded packet on its way to the socket. */
export interface OutgoingPacket {
  readonly bytes: Uint8Array;
  /** Its first byte was given to a socket. */
  started: boolean;
  /** Its last byte was given to a socket. */
  finished: boolean;
}

/** Packets that wait for the socket's window, in order. A packet may leave in several pieces. */
export class Outgoing {
  #queue: OutgoingPacket[] = [];
  /** Bytes of the first packet that have left. */
  #offset = 0;
  #bytes = 0;

  /** Packets that have not left entirely. */
  get packets(): number {
    return this.#queue.length;
  }

  /** Bytes that have not left. */
  get bytes(): number {
    return this.#bytes;
  }

  add(packet: OutgoingPacket): void {
    this.#queue.push(packet);
    this.#bytes += packet.bytes.length;
  }

  /** Writes at most `window` bytes; returns how many were written. */
  flush(socket: Socket, window: number): number {
    let left = window;
    while (left > 0) {
      const packet = this.#queue[0];
      if (!packet) break;
      const end = Math.min(packet.bytes.length, this.#offset + left);
      packet.started = true;
      socket.write(packet.bytes.subarray(this.#offset, end));
      left -= end - this.#offset;
      this.#offset = end;
      if (end < packet.bytes.length) break;
      packet.finished = true;
      this.#queue.shift();
      this.#offset = 0;
    }
    this.#bytes -= window - left;
    return window - left;
  }

  clear(): void {
    this.#queue.length = 0;
    this.#offset = 0;
    this.#bytes = 0;
  }
}
