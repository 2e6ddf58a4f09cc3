/**
 * What our TLS sockets need of a TCP class: the ECMA-419 one of the SDK (`embedded:io/socket/tcp`).
 *
 * - `onWritable(n)`: connected (the first time); n bytes fit now.
 * - `write` returns what still fits, a number; `undefined` when the stack refused the bytes (modules/io/socket/lin/tcp.c
 *   then never calls `onError`).
 * - `onError` comes once, after the last byte was read: orderly close, reset or refused opening alike.
 */
export interface TcpSocket {
  read(maxBytes?: number): ArrayBuffer | number | undefined;
  write(bytes: Uint8Array): unknown;
  close(): void;
}

export interface TcpOptions {
  address: string;
  port: number;
  /** Sends small segments at once: a handshake is a conversation. */
  nodelay?: boolean;
  onReadable(bytes: number): void;
  onWritable(bytes: number): void;
  onError(): void;
}

export type TcpClass = new (options: TcpOptions) => TcpSocket;
