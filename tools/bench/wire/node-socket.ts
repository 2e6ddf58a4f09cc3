import { connect, type TLSSocket } from "node:tls";
import type { Socket, SocketCallbacks } from "../../../modules/network/socket";
import type { Credentials } from "./counted-broker";

/** What the device's TLS socket lets be written at once (modules/tls). */
const WINDOW_BYTES = 4096;

export interface NodeSocketOptions {
  readonly port: number;
  readonly credentials: Credentials;
  /** A TLS session to resume. */
  readonly session?: Buffer;
  onSession?(session: Buffer): void;
}

/** Real mutual TLS 1.2, as the device speaks it, behind the interface of modules/socket.ts. */
export const nodeSocket =
  ({ port, credentials, session, onSession }: NodeSocketOptions) =>
  (callbacks: SocketCallbacks): Socket => {
    let inbox: Buffer[] = [];
    let window = WINDOW_BYTES;
    let closed = false;
    const tls: TLSSocket = connect({
      ...credentials,
      port,
      host: "127.0.0.1",
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.2",
      checkServerIdentity: () => undefined,
      ...(session && { session }),
    });
    tls.setNoDelay(true);
    tls.on("session", (given: Buffer) => onSession?.(given));
    tls.on("secureConnect", () => {
      if (!closed) callbacks.onWritable(window);
    });
    tls.on("data", (chunk: Buffer) => {
      inbox.push(chunk);
      if (!closed) callbacks.onReadable(inbox.reduce((sum, piece) => sum + piece.length, 0));
    });
    tls.on("error", () => {}); // "close" follows
    tls.on("close", () => {
      if (!closed) callbacks.onError("closed");
    });
    return {
      read(maxBytes = Number.POSITIVE_INFINITY) {
        const waiting = Buffer.concat(inbox);
        if (waiting.length === 0) return undefined;
        const taken = Uint8Array.from(waiting.subarray(0, maxBytes));
        inbox = taken.length < waiting.length ? [waiting.subarray(taken.length)] : [];
        return taken.buffer;
      },
      write(bytes) {
        window -= bytes.length;
        tls.write(Uint8Array.from(bytes), () => {
          window += bytes.length;
          if (!closed) callbacks.onWritable(window);
        });
      },
      close() {
        closed = true;
        tls.end();
      },
    };
  };
