import { type AcceptedCallbacks, type AcceptedSocket, HttpConnection } from "./http-connection";
import type { HttpRequest } from "./http-request";
import type { HttpResponse } from "./http-response";

/**
 * `embedded:io/socket/listener` of modules/sockets: at most four connections wait in it, and what comes by another
 * interface does not reach it, whatever address it says it comes from.
 */
export type ListenerClass = new (options: {
  port: number;
  address: string;
  interface: string | undefined;
  onReadable(requests: number): void;
}) => {
  read(): AcceptedSocket | undefined;
  close(): void;
};

/** `embedded:io/socket/tcp`, taking over a connection that the listener gave. */
export type AcceptedTcpClass = new (
  options: AcceptedCallbacks & { from: AcceptedSocket; nodelay: boolean },
) => AcceptedSocket;

/** Connections at once: half of the sockets that lwIP has in the SDK's configuration (LWIP_MAX_ACTIVE_TCP 8). */
export const MOST_CONNECTIONS = 4;

export interface HttpServerOptions {
  readonly Listener: ListenerClass;
  readonly TCP: AcceptedTcpClass;
  readonly port: number;
  /** The access point's address and interface (wifi/access-point.ts): nobody else is served. */
  readonly address: string;
  readonly interface: string | undefined;
  respond(request: HttpRequest): HttpResponse;
}

/**
 * The portal's server: bounded in connections, bytes and time.
 *
 * Every connection is taken at once, and closed when it is one too many. A connection that has not sent anything yet
 * makes room for a new one. Opening throws when the stack has no socket.
 */
export class HttpServer {
  #options: HttpServerOptions;
  #listener: InstanceType<ListenerClass> | undefined;
  #connections: HttpConnection[] = [];

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#listener = new options.Listener({
      port: options.port,
      address: options.address,
      interface: options.interface,
      onReadable: (requests) => this.accept(requests),
    });
  }

  get connections(): number {
    return this.#connections.length;
  }

  close(): void {
    this.#listener?.close();
    this.#listener = undefined;
    for (const connection of this.#connections.slice()) connection.close();
  }

  private accept(requests: number): void {
    for (; requests > 0; requests--) {
      const from = this.#listener?.read();
      if (from) this.take(from);
    }
  }

  private take(from: AcceptedSocket): void {
    if (this.#connections.length >= MOST_CONNECTIONS)
      this.#connections.find((connection) => connection.untouched)?.close();
    if (this.#connections.length >= MOST_CONNECTIONS) {
      from.close();
      return;
    }
    const { TCP, respond } = this.#options;
    try {
      const connection: HttpConnection = new HttpConnection({
        open: (callbacks) => new TCP({ ...callbacks, from, nodelay: true }),
        respond: (request) => respond(request),
        onClosed: () => {
          this.#connections = this.#connections.filter((each) => each !== connection);
        },
      });
      this.#connections.push(connection);
    } catch {
      // No memory for it, or its peer is gone already.
      from.close();
    }
  }
}
