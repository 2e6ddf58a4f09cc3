import type { TcpOptions, TcpSocket } from "../../../../modules/tls/tcp-class";

/** A TCP that the test moves by hand; `sent` has one string per write. */
export class ScriptedTcp implements TcpSocket {
  static last: ScriptedTcp;
  closed = false;
  broken = false;
  readonly sent: string[] = [];
  readonly options: TcpOptions;
  #window = 0;
  #received: number[] = [];

  constructor(options: TcpOptions) {
    this.options = options;
    ScriptedTcp.last = this;
  }

  /** Bytes that nobody has read. */
  get waiting(): number {
    return this.#received.length;
  }
  /** Connected, or room again. */
  allow(window: number): void {
    this.#window = window;
    this.options.onWritable(window);
  }
  deliver(text: string): void {
    this.#received.push(...Buffer.from(text));
    this.options.onReadable(this.#received.length);
  }

  read(count = this.#received.length): ArrayBuffer {
    if (count < 1 || count > this.#received.length) throw new Error("invalid");
    return Uint8Array.from(this.#received.splice(0, count)).buffer;
  }
  write(bytes: Uint8Array): number | undefined {
    if (this.closed) throw new Error("closed");
    if (bytes.length > this.#window) throw new Error("would block");
    if (this.broken) return undefined;
    this.#window -= bytes.length;
    this.sent.push(Buffer.from(bytes).toString());
    return this.#window;
  }
  close(): void {
    this.closed = true;
  }
}
