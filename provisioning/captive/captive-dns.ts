import type { Datagram, UdpSocket } from "../../modules/network/udp";
import { formatDnsReply } from "./dns-reply";

/** `embedded:io/socket/udp` of modules/sockets, listening: what comes by another interface does not reach it. */
export type UdpServerClass = new (options: {
  port: number;
  address: string;
  interface: string | undefined;
  onReadable(packets: number): void;
}) => UdpSocket;

/** Datagrams answered in one turn; more are dropped, and the sender asks again. */
const MOST_PER_TURN = 16;

export interface CaptiveDnsOptions {
  readonly UDP: UdpServerClass;
  readonly port: number;
  /** The access point's address: where it listens, and the answer to everything. */
  readonly address: string;
  /** The access point's (wifi/access-point.ts). */
  readonly interface: string | undefined;
}

/**
 * The name server of the access point. Opening throws when the stack has no socket. `close` is idempotent.
 */
export class CaptiveDns {
  #address: string;
  #socket: UdpSocket | undefined;

  constructor(options: CaptiveDnsOptions) {
    const { UDP, port, address } = options;
    this.#address = address;
    this.#socket = new UDP({ port, address, interface: options.interface, onReadable: () => this.serve() });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  private serve(): void {
    let answered = 0;
    for (let query = this.#socket?.read(); query; query = this.#socket?.read()) {
      if (answered++ < MOST_PER_TURN) this.answer(query);
    }
  }

  private answer(query: Datagram): void {
    const reply = formatDnsReply(new Uint8Array(query), this.#address);
    if (!reply) return;
    try {
      this.#socket?.write(reply, query.address, query.port);
    } catch {
      // No memory or no route at this moment: the phone asks again.
    }
  }
}
