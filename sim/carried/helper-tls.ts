import type { OpenTlsSocket, Socket } from "../../modules/network/socket";
import { CARRIED_WINDOW, type FromCarried, type ToCarried } from "./messages";

/** One connection, and what of it is on its way. */
interface Carried {
  readonly socket: Socket;
  /** Bytes that the board may still write, as far as has been heard. */
  granted: number;
  /** Bytes that it was sent and has not read. */
  unread: number;
  /** Bytes that wait in the socket. */
  waiting: number;
}

/** The helper's end: TLS by Node, for a board whose simulator has none. `close` is the end of a life of the board. */
export class HelperTls {
  #open: OpenTlsSocket;
  #post: (message: ToCarried) => void;
  #carried = new Map<number, Carried>();

  constructor({ open, post }: { open: OpenTlsSocket; post(message: ToCarried): void }) {
    this.#open = open;
    this.#post = post;
  }

  /** False: no message of these. */
  take(message: FromCarried | { readonly t: string }): boolean {
    if (!isCarried(message)) return false;
    if (message.t === "tls-open") this.#begin(message);
    else {
      const carried = this.#carried.get(message.id);
      if (carried) this.#go(carried, message);
    }
    return true;
  }

  close(): void {
    for (const { socket } of this.#carried.values()) socket.close();
    this.#carried.clear();
  }

  #begin({ t: _t, id, ...options }: Extract<FromCarried, { t: "tls-open" }>): void {
    const carried: Carried = {
      granted: 0,
      unread: 0,
      waiting: 0,
      socket: this.#open({
        ...options,
        onVerified: (fromMs) => this.#post({ t: "tls-verified", id, fromMs }),
        onWritable: (bytes) => {
          const more = bytes - carried.granted;
          if (more <= 0) return;
          carried.granted += more;
          this.#post({ t: "tls-window", id, bytes: more });
        },
        onReadable: (bytes) => {
          carried.waiting = bytes;
          this.#forward(id, carried, CARRIED_WINDOW - carried.unread);
        },
        onError: (reason) => {
          // What had arrived comes before the end.
          this.#forward(id, carried, carried.waiting);
          this.#carried.delete(id);
          this.#post({ t: "tls-end", id, reason });
        },
      }),
    };
    this.#carried.set(id, carried);
  }

  #go(carried: Carried, message: Exclude<FromCarried, { t: "tls-open" }>): void {
    const { id } = message;
    switch (message.t) {
      case "tls-data":
        carried.granted -= message.bytes.length;
        carried.socket.write(message.bytes);
        break;
      case "tls-took":
        carried.unread -= message.bytes;
        this.#forward(id, carried, CARRIED_WINDOW - carried.unread);
        break;
      case "tls-close":
        this.#carried.delete(id);
        carried.socket.close();
        break;
    }
  }

  #forward(id: number, carried: Carried, room: number): void {
    const bytes = room > 0 ? carried.socket.read(Math.min(room, carried.waiting)) : undefined;
    if (!bytes) return;
    carried.waiting -= bytes.byteLength;
    carried.unread += bytes.byteLength;
    this.#post({ t: "tls-data", id, bytes: new Uint8Array(bytes) });
  }
}

const isCarried = (message: { readonly t: string }): message is FromCarried => message.t.startsWith("tls-");
