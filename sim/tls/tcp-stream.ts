import { Duplex } from "node:stream";
import type { TcpClass, TcpSocket } from "../../modules/tls/tcp-class";

export interface TcpStreamOptions {
  readonly TCP: TcpClass;
  readonly address: string;
  readonly port: number;
  onConnect(): void;
  /** Bytes from the peer, before node:tls sees them. */
  onBytes(bytes: Uint8Array): void;
  /** TCP has ended, or never opened. */
  onEnd(): void;
}

/** An ECMA-419 TCP socket as a node Duplex, with backpressure both ways, for node:tls to stand on. */
export class TcpStream extends Duplex {
  #tcp: TcpSocket;
  #window = 0;
  #unread = 0;
  #wanted = false;
  #connected = false;
  #ended = false;
  #pending: { bytes: Uint8Array; done: () => void } | undefined;
  readonly #options: TcpStreamOptions;

  constructor(options: TcpStreamOptions) {
    super({ emitClose: false });
    this.#options = options;
    this.#tcp = new options.TCP({
      address: options.address,
      port: options.port,
      nodelay: true,
      onReadable: (bytes) => {
        this.#unread = bytes;
        this.#pump();
      },
      onWritable: (bytes) => {
        this.#window = bytes;
        if (this.#connected) this.#flush();
        else {
          this.#connected = true;
          options.onConnect();
        }
      },
      onError: () => this.#end(),
    });
  }

  override _read(): void {
    this.#wanted = true;
    this.#pump();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#pending = { bytes: chunk, done };
    this.#flush();
  }

  override _destroy(_error: Error | null, done: () => void): void {
    this.#ended = true;
    this.#tcp.close();
    done();
  }

  #pump(): void {
    while (this.#wanted && this.#unread > 0 && !this.#ended) {
      const bytes = this.#tcp.read(this.#unread);
      this.#unread = 0;
      if (!(bytes instanceof ArrayBuffer)) return;
      const view = new Uint8Array(bytes);
      this.#options.onBytes(view);
      if (!this.destroyed) this.#wanted = this.push(Buffer.from(bytes));
    }
  }

  #flush(): void {
    const pending = this.#pending;
    if (!pending || this.#window === 0 || this.#ended) return;
    const part = pending.bytes.subarray(0, this.#window);
    const left = this.#tcp.write(part);
    if (typeof left !== "number") return this.#end();
    this.#window = left;
    pending.bytes = pending.bytes.subarray(part.length);
    if (pending.bytes.length > 0) return;
    this.#pending = undefined;
    pending.done();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#connected) this.push(null);
    this.#options.onEnd();
  }
}
