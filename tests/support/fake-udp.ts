import type { Datagram, UdpClass, UdpSocket } from "../../modules/network/udp";

export interface SentDatagram {
  readonly bytes: Uint8Array;
  readonly address: string;
  readonly port: number;
  readonly from: FakeUdpSocket;
}

export interface FakeUdpSocket extends UdpSocket {
  readonly isOpen: boolean;
  /** A datagram arrives at this socket; `onReadable` runs in a later turn, as in the SDK. */
  deliver(bytes: Uint8Array, address: string, port: number): void;
}

/** A UDP stack in memory. `answer` sees each datagram that is sent and may deliver others to its sender. */
export class FakeUdp {
  readonly sent: SentDatagram[] = [];
  readonly sockets: FakeUdpSocket[] = [];
  answer: (sent: SentDatagram) => void = () => {};
  /** When set, opening or writing throws, as with no route or no memory. */
  failing: "open" | "write" | undefined;

  get openSockets(): number {
    return this.sockets.filter((socket) => socket.isOpen).length;
  }

  readonly UDP: UdpClass = ((stack: FakeUdp): UdpClass =>
    class Socket implements FakeUdpSocket {
      #onReadable: (packets: number) => void;
      #waiting: Datagram[] = [];
      isOpen = true;

      constructor(options: { onReadable(packets: number): void }) {
        if (stack.failing === "open") throw new RangeError("no socket");
        this.#onReadable = options.onReadable;
        stack.sockets.push(this);
      }

      write(bytes: Uint8Array, address: string, port: number): void {
        if (!this.isOpen) throw new Error("closed");
        if (stack.failing === "write") throw new Error("UDP send failed");
        const sent = { bytes: bytes.slice(), address, port, from: this };
        stack.sent.push(sent);
        stack.answer(sent);
      }

      deliver(bytes: Uint8Array, address: string, port: number): void {
        this.#waiting.push(Object.assign(bytes.slice().buffer as ArrayBuffer, { address, port }));
        setTimeout(() => {
          if (this.isOpen && this.#waiting.length > 0) this.#onReadable(this.#waiting.length);
        }, 0);
      }

      read(): Datagram | undefined {
        if (!this.isOpen) throw new Error("closed");
        return this.#waiting.shift();
      }

      close(): void {
        this.isOpen = false;
      }
    })(this);
}
