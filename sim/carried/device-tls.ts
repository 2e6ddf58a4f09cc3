import type { OpenTlsSocket, Socket, TlsIdentity, TlsSocketOptions } from "../../modules/network/socket";
import { checkTlsOptions } from "../../modules/tls/options";
import type { FromCarried, ToCarried } from "./messages";

export interface DeviceTlsOptions {
  post(message: FromCarried): void;
  /** As `isSoundIdentity` of the engine. */
  isSound(identity: TlsIdentity): boolean;
}

/** The board's end of TLS that the helper carries: its sockets keep the contract of modules/network/socket.ts. */
export class DeviceTls {
  #options: DeviceTlsOptions;
  #sockets = new Map<number, CarriedSocket>();
  #nextId = 1;
  /** As the engine, the identity that passed last is not asked about again. */
  #sound: TlsIdentity | undefined;

  constructor(options: DeviceTlsOptions) {
    this.#options = options;
  }

  open: OpenTlsSocket = (options) => {
    checkTlsOptions(options);
    if (this.#sound !== options.identity && !this.#options.isSound(options.identity))
      throw new TypeError("identity: a certificate does not parse, or the key is not its own");
    this.#sound = options.identity;
    const id = this.#nextId++;
    const { address, port, host, alpn, identity, connectTimeoutMs, handshakeTimeoutMs } = options;
    this.#options.post({
      t: "tls-open",
      id,
      address,
      port,
      host,
      identity,
      ...(alpn !== undefined && { alpn }),
      ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
      ...(handshakeTimeoutMs !== undefined && { handshakeTimeoutMs }),
    });
    const socket = new CarriedSocket(id, options, (message) => this.send(message));
    this.#sockets.set(id, socket);
    return socket;
  };

  /** False: somebody else's message. */
  take(message: ToCarried | { readonly t: string }): boolean {
    if (!isCarried(message)) return false;
    const socket = this.#sockets.get(message.id);
    if (message.t === "tls-end") this.#sockets.delete(message.id);
    socket?.take(message);
    return true;
  }

  private send(message: FromCarried): void {
    if (message.t === "tls-close") this.#sockets.delete(message.id);
    this.#options.post(message);
  }
}

const isCarried = (message: { readonly t: string }): message is ToCarried => message.t.startsWith("tls-");

class CarriedSocket implements Socket {
  #id: number;
  #options: TlsSocketOptions;
  #post: (message: FromCarried) => void;
  #received: Uint8Array[] = [];
  #readable = 0;
  #credit = 0;
  #state: "live" | "ended" | "closed" = "live";

  constructor(id: number, options: TlsSocketOptions, post: (message: FromCarried) => void) {
    this.#id = id;
    this.#options = options;
    this.#post = post;
  }

  read(maxBytes = this.#readable): ArrayBuffer | undefined {
    const length = Math.min(maxBytes, this.#readable);
    if (length <= 0) return undefined;
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const first = this.#received[0]!;
      const part = first.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#received.shift();
      else this.#received[0] = first.subarray(part.length);
    }
    this.#readable -= length;
    if (this.#state === "live") this.#post({ t: "tls-took", id: this.#id, bytes: length });
    return bytes.buffer;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > this.#credit) throw new RangeError("would block");
    if (bytes.length === 0) return;
    this.#credit -= bytes.length;
    this.#post({ t: "tls-data", id: this.#id, bytes: bytes.slice() });
  }

  close(): void {
    if (this.#state === "live") this.#post({ t: "tls-close", id: this.#id });
    this.#state = "closed";
    this.#credit = 0;
    this.#received = [];
    this.#readable = 0;
  }

  take(message: ToCarried): void {
    if (this.#state !== "live") return;
    switch (message.t) {
      case "tls-verified":
        return this.#options.onVerified?.(message.fromMs);
      case "tls-window":
        this.#credit += message.bytes;
        return this.#options.onWritable(this.#credit);
      case "tls-data":
        this.#received.push(message.bytes);
        this.#readable += message.bytes.length;
        return this.#options.onReadable(this.#readable);
      case "tls-end":
        this.#state = "ended";
        this.#credit = 0;
        return this.#options.onError(message.reason);
    }
  }
}
