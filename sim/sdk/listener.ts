// `embedded:io/socket/listener` of modules/sockets. Here a sender outside the /24 of `address` has come by another
// interface than the one asked for: it is closed.
import { sameSubnet } from "../../wifi/access-point";
import { type ClosableLink, requireMachine, type TcpCallbacks, type TcpLink } from "./machine";
import TCP from "./tcp";

type Accept = (callbacks: TcpCallbacks) => TcpLink;

interface Options {
  port?: number;
  address?: string;
  interface?: string | undefined;
  target?: unknown;
  onReadable?(this: Listener, requests: number): void;
}

/** Ephemeral ports start here (RFC 6335, 6). */
let nextPort = 49_152;

export default class Listener {
  #link: ClosableLink | undefined;
  #pending: Accept[] = [];
  readonly port: number;
  readonly target: unknown;

  constructor(options: Options) {
    this.target = options.target;
    this.port = options.port || nextPort++;
    this.#link = requireMachine().network.listenTcp(this.port, (accept, address) => {
      if (!this.#link) return;
      if (options.interface !== undefined && !sameSubnet(address, options.address ?? "")) {
        accept({ onOpen() {}, onData() {}, onWindow() {}, onEnd() {} }).close();
        return;
      }
      this.#pending.push(accept);
      options.onReadable?.call(this, this.#pending.length);
    });
  }

  /** The next waiting connection; pass it on as `from` to a TCP with callbacks. */
  read(): TCP | undefined {
    if (!this.#link) throw new Error("closed");
    const accept = this.#pending.shift();
    return accept && new TCP({ accepted: accept });
  }

  close(): void {
    this.#link?.close();
    this.#link = undefined;
    this.#pending = [];
  }

  get format(): "socket/tcp" {
    return "socket/tcp";
  }
}
