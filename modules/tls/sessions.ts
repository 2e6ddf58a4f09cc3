import type { TlsPurpose, TlsSocketOptions } from "../network/socket";
import type TlsEngine from "./engine";

interface Kept {
  readonly host: string;
  readonly port: number;
  readonly session: ArrayBuffer;
}

/**
 * Sessions to resume, in RAM, one for each purpose: of the server that was reached last for it. The engine itself
 * refuses one that was made with another host, authority, chain or key, or whose certificates have expired since.
 */
export class TlsSessions {
  #kept = new Map<TlsPurpose, Kept>();

  of(server: TlsSocketOptions): ArrayBuffer | undefined {
    const kept = this.#kept.get(purposeOf(server));
    return kept?.host === server.host && kept.port === server.port ? kept.session : undefined;
  }

  /** Keeps what the open `engine` offers, if anything. */
  keep(server: TlsSocketOptions, engine: TlsEngine): void {
    const { host, port } = server;
    const session = engine.saveSession();
    if (session) this.#kept.set(purposeOf(server), { host, port, session });
  }

  /** After a handshake that failed: the next one with this server is a full one. */
  drop(server: TlsSocketOptions): void {
    if (this.of(server)) this.#kept.delete(purposeOf(server));
  }
}

function purposeOf({ purpose = "broker" }: TlsSocketOptions): TlsPurpose {
  return purpose;
}
