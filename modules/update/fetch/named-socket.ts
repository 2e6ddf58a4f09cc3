import type { OpenTlsSocket, Socket, SocketFailure, TlsIdentity } from "../../network/socket";
import type { FetchCallbacks } from "./http-get-options";

const HTTPS = 443;

export interface NamedSocketOptions {
  readonly host: string;
  readonly identity: TlsIdentity;
  resolve(host: string, done: (addresses: readonly string[] | undefined) => void): { cancel(): void };
  openTls: OpenTlsSocket;
  onVerified(validFromMs: number): void;
}

/** TLS to a host by its name: one of its addresses after the other, until one is up. */
export class NamedSocket implements Socket {
  readonly host: string;
  readonly port = HTTPS;
  readonly identity: TlsIdentity;
  readonly purpose = "update";
  #options: NamedSocketOptions;
  #callbacks: FetchCallbacks;
  #running: { cancel(): void } | undefined;
  #socket: Socket | undefined;
  #addresses: readonly string[] = [];
  #next = 0;
  #isUp = false;
  /** Which of the addresses is being tried; a TLS option. */
  address = "";

  constructor(options: NamedSocketOptions, callbacks: FetchCallbacks) {
    this.#options = options;
    this.#callbacks = callbacks;
    this.host = options.host;
    this.identity = options.identity;
    this.#running = options.resolve(options.host, (addresses) => {
      this.#running = undefined;
      if (!addresses?.length) return callbacks.onError("dns-failed");
      this.#addresses = addresses;
      this.open();
    });
  }

  read(most?: number): ArrayBuffer | undefined {
    return this.#socket?.read(most);
  }

  write(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  close(): void {
    this.#running?.cancel();
    this.#running = undefined;
    this.#socket?.close();
    this.#socket = undefined;
  }

  onVerified(validFromMs: number): void {
    this.#options.onVerified(validFromMs);
  }

  onWritable(bytes: number): void {
    this.#isUp = true;
    this.#callbacks.onWritable(bytes);
  }

  onReadable(bytes: number): void {
    this.#callbacks.onReadable(bytes);
  }

  onError(reason: SocketFailure): void {
    this.#socket = undefined;
    if (!this.#isUp && this.#next < this.#addresses.length) this.open();
    else this.#callbacks.onError(reason);
  }

  private open(): void {
    this.address = this.#addresses[this.#next++]!;
    this.#socket = this.#options.openTls(this);
  }
}
