import { connect, type Socket } from "node:net";
import type { TcpOptions, TcpSocket } from "../../../modules/tls/tcp-class";

const WINDOW = 1536;

/** The SDK's TCP on a real socket of node: window, reading and ending as modules/io/socket/lin/tcp.c has them. */
export class NodeTcp implements TcpSocket {
  readonly #socket: Socket;
  readonly #options: TcpOptions;
  #received = Buffer.alloc(0);
  #writable = 0;
  #ended = false;
  #closed = false;

  constructor(options: TcpOptions) {
    this.#options = options;
    this.#socket = connect({ host: options.address, port: options.port, noDelay: true });
    this.#socket.on("connect", () => this.#drained());
    this.#socket.on("data", (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      if (!this.#closed) options.onReadable(this.#received.length);
    });
    this.#socket.on("end", () => this.#end());
    this.#socket.on("error", () => this.#end());
  }

  read(count = this.#received.length): ArrayBuffer | undefined {
    if (this.#received.length === 0) return undefined;
    if (count > this.#received.length) throw new Error("invalid");
    const bytes = new Uint8Array(this.#received.subarray(0, count));
    this.#received = this.#received.subarray(count);
    if (this.#ended && this.#received.length === 0) setImmediate(() => this.#announceEnd());
    return bytes.buffer;
  }

  write(bytes: Uint8Array): number | undefined {
    if (bytes.length > this.#writable) throw new Error("would block");
    if (this.#ended) return undefined;
    this.#writable -= bytes.length;
    this.#socket.write(bytes.slice(), () => this.#drained());
    return this.#writable;
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroySoon();
  }

  #drained(): void {
    if (this.#closed || this.#ended) return;
    this.#writable = WINDOW;
    this.#options.onWritable(WINDOW);
  }

  #end(): void {
    this.#ended = true;
    if (this.#received.length === 0) this.#announceEnd();
  }

  #announceEnd(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onError();
  }
}
