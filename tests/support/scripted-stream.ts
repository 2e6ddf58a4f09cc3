import type { Socket, SocketCallbacks, SocketFailure } from "../../modules/network/socket";

/** A byte stream whose other end is a test: what it delivers is announced in a later turn, as sockets do. */
export class ScriptedStream implements Socket {
  readonly written: string[] = [];
  isOpen = true;
  #callbacks: SocketCallbacks;
  #waiting: Uint8Array = new Uint8Array();
  #announced = 0;
  #ended: SocketFailure | undefined;

  constructor(callbacks: SocketCallbacks) {
    this.#callbacks = callbacks;
  }

  /** Bytes that nobody has read. */
  get unread(): number {
    return this.#waiting.length;
  }

  accept(window = 2_048): void {
    this.#later(() => this.#callbacks.onWritable(window));
  }

  deliver(bytes: string | Uint8Array): void {
    const more = typeof bytes === "string" ? new Uint8Array(Buffer.from(bytes, "latin1")) : bytes;
    const joined = new Uint8Array(this.#waiting.length + more.length);
    joined.set(this.#waiting);
    joined.set(more, this.#waiting.length);
    this.#waiting = joined;
    this.#later(() => {
      if (this.#waiting.length <= this.#announced) return;
      this.#announced = this.#waiting.length;
      this.#callbacks.onReadable(this.#announced);
    });
  }

  /** The stream ends, once what was delivered is read. */
  end(reason: SocketFailure = "closed"): void {
    this.#ended = reason;
    this.#tellEnd();
  }

  read(most = this.#waiting.length): ArrayBuffer | undefined {
    if (most > this.#announced) throw new Error("invalid: more than was announced");
    const bytes = this.#waiting.slice(0, most);
    if (bytes.length === 0) return undefined;
    this.#waiting = this.#waiting.slice(bytes.length);
    this.#announced -= bytes.length;
    this.#tellEnd();
    return bytes.buffer;
  }

  write(bytes: Uint8Array): void {
    this.written.push(Buffer.from(bytes).toString("latin1"));
  }

  close(): void {
    this.isOpen = false;
  }

  #tellEnd(): void {
    if (this.#ended === undefined || this.#waiting.length > 0) return;
    const reason = this.#ended;
    this.#ended = undefined;
    this.#later(() => {
      this.isOpen = false;
      this.#callbacks.onError(reason);
    });
  }

  #later(action: () => void): void {
    setTimeout(() => {
      if (this.isOpen) action();
    }, 0);
  }
}
