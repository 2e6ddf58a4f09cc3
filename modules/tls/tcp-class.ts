/**
 * What our TLS sockets need of a TCP class: the ECMA-419 one behind `embedded:io/socket/tcp` (modules/sockets).
 *
 * - `onWritable(n)`: connected (the first time); n bytes fit now.
 * - `write` returns what still fits, a number; `undefined` to a stream that has ended, whose `onError` is still to come
 *   then, or has come.
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
