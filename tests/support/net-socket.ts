import { createConnection } from "node:net";
import type { Socket, SocketCallbacks } from "../../modules/network/socket";

/** A window as on the device: the SDK's TCP on Linux takes 1,536 bytes at once. */
const WINDOW_BYTES = 1536;

export interface NetSocket {
  /** For one `MqttSession.connect`. */
  readonly open: (callbacks: SocketCallbacks) => Socket;
  /** All that was written, as written. */
  readonly writes: Uint8Array[];
  /** From now on what arrives is lost, as its acknowledgement is on a bad link. */
  deafen(): void;
  /** The connection ends as if the network had. */
  destroy(): void;
}

/** Plain TCP to a port of this computer, behind the interface of modules/socket.ts. */
export function netSocket(port: number): NetSocket {
  const writes: Uint8Array[] = [];
  let inbox: Buffer[] = [];
  let deaf = false;
  let callbacks: SocketCallbacks | undefined;
  const tcp = createConnection({ port, host: "127.0.0.1", noDelay: true });
  let failure: "closed" | "connect-refused" = "connect-refused";
  tcp.on("connect", () => {
    failure = "closed";
    callbacks?.onWritable(WINDOW_BYTES);
  });
  tcp.on("data", (chunk) => {
    if (deaf) return;
    inbox.push(chunk);
    callbacks?.onReadable(inbox.reduce((sum, piece) => sum + piece.length, 0));
  });
  tcp.on("error", () => {}); // "close" follows
  tcp.on("close", () => {
    const told = callbacks;
    callbacks = undefined;
    told?.onError(failure);
  });
  let window = WINDOW_BYTES;
  return {
    writes,
    open: (given) => {
      callbacks = given;
      return {
        read(maxBytes = Number.POSITIVE_INFINITY) {
          const waiting = Buffer.concat(inbox);
          if (waiting.length === 0) return undefined;
          const taken = Uint8Array.from(waiting.subarray(0, maxBytes));
          inbox = taken.length < waiting.length ? [waiting.subarray(taken.length)] : [];
          return taken.buffer;
        },
        write(bytes) {
          if (bytes.length > window) throw new Error("would block");
          const piece = Uint8Array.from(bytes);
          window -= piece.length;
          writes.push(piece);
          tcp.write(piece, () => {
            window += piece.length;
            callbacks?.onWritable(window);
          });
        },
        close() {
          callbacks = undefined;
          tcp.end();
          tcp.resume();
        },
      };
    },
    deafen: () => {
      deaf = true;
    },
    destroy: () => tcp.destroy(),
  };
}
