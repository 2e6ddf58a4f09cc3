/**
 * What the firmware's clients need of `embedded:io/socket/udp` (modules/sockets): the class
 * itself is passed in. Opening and writing throw when the stack has no socket, memory or route; `read` and `write`
 * throw after `close`. `onReadable` never runs inside the constructor, `write` or `close`.
 */
export type UdpClass = new (options: { onReadable(packets: number): void }) => UdpSocket;

export interface UdpSocket {
  /** `address` is an IPv4 literal. */
  write(bytes: Uint8Array, address: string, port: number): void;
  /** The oldest datagram that waits, `undefined` when none does. */
  read(): Datagram | undefined;
  close(): void;
}

/** A datagram with the address and port that it came from. */
export type Datagram = ArrayBuffer & { readonly address: string; readonly port: number };
