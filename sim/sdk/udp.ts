// `embedded:io/socket/udp` of modules/sockets, over the machine's network. Here a sender outside the /24 of `address`
// has come by another interface than the one asked for: it is not heard.
import { sameSubnet } from "../../wifi/access-point";
import { requireMachine, type UdpLink } from "./machine";

interface Options {
  port?: number;
  address?: string;
  interface?: string | undefined;
  target?: unknown;
  onReadable?(this: UDP, packets: number): void;
  onError?(this: UDP): void;
}

type Datagram = ArrayBuffer & { address: string; port: number };

export default class UDP {
  #link: UdpLink | undefined;
  #waiting: Datagram[] = [];
  readonly target: unknown;

  constructor(options: Options = {}) {
    this.target = options.target;
    this.#link = requireMachine().network.openUdp(options.port, (bytes, address, port) => {
      if (!this.#link) return;
      if (options.interface !== undefined && !sameSubnet(address, options.address ?? "")) return;
      this.#waiting.push(Object.assign(bytes.slice().buffer as ArrayBuffer, { address, port }));
      options.onReadable?.call(this, this.#waiting.length);
    });
  }

  read(): Datagram | undefined {
    if (!this.#link) throw new Error("closed");
    return this.#waiting.shift();
  }

  write(buffer: ByteBuffer, address: string, port: number): void {
    if (!this.#link) throw new Error("closed");
    const bytes = ArrayBuffer.isView(buffer)
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new Uint8Array(buffer);
    this.#link.send(bytes.slice(), address, port);
  }

  close(): void {
    const link = this.#link;
    this.#link = undefined;
    this.#waiting = [];
    link?.close();
  }

  get format(): "buffer" {
    return "buffer";
  }
}
