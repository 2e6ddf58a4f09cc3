import type { TlsSocketOptions } from "../network/socket";
import type TlsEngine from "./engine";

/** The broker's session and that of the opening on port 443. */
const LIMIT = 2;

/**
 * Sessions to resume, in RAM, one per server. The engine itself refuses one that was made with another host,
 * authority, chain or key, or whose certificates have expired since.
 */
export class TlsSessions {
  #sessions = new Map<string, ArrayBuffer>();

  of(server: TlsSocketOptions): ArrayBuffer | undefined {
    return this.#sessions.get(keyOf(server));
  }

  /** Keeps what the open `engine` offers, if anything. */
  keep(server: TlsSocketOptions, engine: TlsEngine): void {
    const session = engine.saveSession();
    if (!session) return;
    const key = keyOf(server);
    this.#sessions.delete(key);
    for (const oldest of this.#sessions.keys())
      if (this.#sessions.size >= LIMIT) this.#sessions.delete(oldest);
    this.#sessions.set(key, session);
  }

  /** After a handshake that failed: the next one is a full one. */
  drop(server: TlsSocketOptions): void {
    this.#sessions.delete(keyOf(server));
  }
}

function keyOf({ host, port }: TlsSocketOptions): string {
  return `${host}:${port}`;
}
