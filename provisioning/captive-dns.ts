import type { Datagram, UdpSocket } from "../modules/network/udp";
import { sameSubnet } from "../wifi/access-point";
import { formatDnsReply } from "./dns-reply";

/** The SDK's UDP, listening on a port. */
export type UdpServerClass = new (options: { port: number; onReadable(packets: number): void }) => UdpSocket;

/** Datagrams answered in one turn; more are dropped, and the sender asks again. */
const MOST_PER_TURN = 16;

export interface CaptiveDnsOptions {
  readonly UDP: UdpServerClass;
  readonly port: number;
  /** The access point's address: the answer to everything, and the only subnet that is answered. */
  readonly address: string;
}

/**
 * The name server of the access point. Opening throws when the stack has no socket. `close` is idempotent.
 */
export class CaptiveDns {
  #address: string;
  #socket: UdpSocket | undefined;

  constructor({ UDP, port, address }: CaptiveDnsOptions) {
    this.#address = address;
    this.#socket = new UDP({ port, onReadable: () => this.serve() });
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
    if (!sameSubnet(query.address, this.#address)) return;
    const reply = formatDnsReply(new Uint8Array(query), this.#address);
    if (!reply) return;
    try {
      this.#socket?.write(reply, query.address, query.port);
    } catch {
      // No memory or no route at this moment: the phone asks again.
    }
  }
}
