import type { OpenTlsSocket, Socket, SocketFailure, TlsSocketOptions } from "../../modules/network/socket";

/** A TLS stack in memory: openings wait until `accept` or `fail`, whose callbacks run in a later turn. */
export class FakeTls {
  readonly opened: FakeTlsSocket[] = [];

  get openSockets(): number {
    return this.opened.filter((socket) => socket.isOpen).length;
  }

  get last(): FakeTlsSocket {
    const socket = this.opened.at(-1);
    if (!socket) throw new Error("nothing was opened");
    return socket;
  }

  readonly open: OpenTlsSocket = (options) => {
    const socket = new FakeTlsSocket(options);
    this.opened.push(socket);
    return socket;
  };
}

export class FakeTlsSocket implements Socket {
  readonly options: TlsSocketOptions;
  readonly written: Uint8Array[] = [];
  isOpen = true;

  constructor(options: TlsSocketOptions) {
    this.options = options;
  }

  accept(window = 1024): void {
    this.later(() => this.options.onWritable(window));
  }

  fail(reason: SocketFailure): void {
    this.later(() => {
      this.isOpen = false;
      this.options.onError(reason);
    });
  }

  read(): ArrayBuffer | undefined {
    return undefined;
  }

  write(bytes: Uint8Array): void {
    this.written.push(bytes.slice());
  }

  close(): void {
    this.isOpen = false;
  }

  private later(callback: () => void): void {
    setTimeout(() => {
      if (this.isOpen) callback();
    }, 0);
  }
}
