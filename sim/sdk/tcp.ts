// `embedded:io/socket/tcp` of modules/sockets, over the machine's network.
// As there: an orderly close by the peer is `onError`, after the bytes that came before it were read; `write`
// beyond what is writable throws; `read` with nothing there gives undefined; a closed socket throws when used.
import Timer from "timer";
import { type MachineNetwork, requireMachine, type TcpCallbacks, type TcpLink } from "./machine";

interface Options {
  address?: string;
  port?: number;
  from?: TCP;
  /** Not the SDK's: how our listener makes the object that its `read` returns. */
  accepted?: (callbacks: TcpCallbacks) => TcpLink;
  /** Nor is this: another network than the machine's. */
  network?: MachineNetwork;
  nodelay?: boolean;
  format?: "number" | "buffer";
  target?: unknown;
  onReadable?(this: TCP, bytes: number): void;
  onWritable?(this: TCP, bytes: number): void;
  onError?(this: TCP): void;
}

/** What a TCP object is made on: a link, and what arrived before anyone listened. */
class Stream implements TcpCallbacks {
  link: TcpLink | undefined;
  owner: TCP | undefined;
  readonly received: Uint8Array[] = [];
  readable = 0;
  writable = 0;
  ended = false;

  onOpen(window: number): void {
    this.writable = window;
    this.owner?.announceWritable();
  }
  onData(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.received.push(bytes);
    this.readable += bytes.length;
    this.owner?.announceReadable();
  }
  onWindow(bytes: number): void {
    this.writable += bytes;
    this.owner?.announceWritable();
  }
  onEnd(): void {
    this.ended = true;
    if (this.readable === 0) this.owner?.announceError();
  }

  take(count: number): Uint8Array {
    const out = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const chunk = this.received[0]!;
      const part = chunk.subarray(0, count - filled);
      out.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.received.shift();
      else this.received[0] = chunk.subarray(part.length);
    }
    this.readable -= count;
    return out;
  }
}

export default class TCP {
  #stream: Stream | undefined;
  #options: Options;
  readonly target: unknown;

  constructor(options: Options) {
    this.#options = options;
    this.target = options.target;
    if (options.from) {
      const stream = options.from.#stream;
      if (!stream) throw new Error("invalid from");
      options.from.#stream = undefined;
      this.#stream = stream;
      stream.owner = this;
      this.#later(() => {
        this.announceWritable();
        this.announceReadable();
        if (stream.ended && stream.readable === 0) this.announceError();
      });
      return;
    }
    const stream = new Stream();
    this.#stream = stream;
    stream.owner = this;
    if (options.accepted) {
      stream.link = options.accepted(stream);
      return;
    }
    const { address, port } = options;
    if (address === undefined || !isIpv4(address)) throw new Error("invalid address");
    if (port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535)
      throw new RangeError("invalid port");
    stream.link = (options.network ?? requireMachine().network).openTcp(address, port, stream);
  }

  read(count?: number | Uint8Array | ArrayBuffer): ArrayBuffer | number | undefined {
    const stream = this.#open();
    if (stream.readable === 0) return undefined;
    const into =
      typeof count === "object" ? (count instanceof Uint8Array ? count : new Uint8Array(count)) : undefined;
    const wanted = into?.length ?? (count as number | undefined) ?? stream.readable;
    if (wanted <= 0 || wanted > stream.readable) throw new Error("invalid");
    const bytes = stream.take(wanted);
    if (stream.ended && stream.readable === 0) this.#later(() => this.announceError());
    into?.set(bytes);
    return into ? wanted : (bytes.buffer as ArrayBuffer);
  }

  /** Returns how many bytes may still be written. */
  write(value: ByteBuffer): number {
    const stream = this.#open();
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
    if (bytes.length > stream.writable) throw new Error("would block");
    stream.writable -= bytes.length;
    stream.link!.send(bytes.slice());
    return stream.writable;
  }

  close(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (!stream) return;
    stream.owner = undefined;
    stream.link?.close();
  }

  #open(): Stream {
    if (!this.#stream) throw new Error("closed");
    return this.#stream;
  }

  #later(action: () => void): void {
    const stream = this.#stream;
    Timer.set(() => {
      if (this.#stream === stream) action();
    });
  }

  announceWritable(): void {
    const stream = this.#stream;
    if (stream?.writable && !stream.ended) this.#options.onWritable?.call(this, stream.writable);
  }
  announceReadable(): void {
    const stream = this.#stream;
    if (stream?.readable) this.#options.onReadable?.call(this, stream.readable);
  }
  announceError(): void {
    if (this.#stream) this.#options.onError?.call(this);
  }

  get remoteAddress(): string | undefined {
    return this.#stream?.link?.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#stream?.link?.remotePort;
  }
  get format(): "number" | "buffer" {
    return this.#options.format ?? "buffer";
  }
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
