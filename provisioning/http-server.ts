import { type Logger, silentLogger } from "../modules/base/logger";
import { sameSubnet } from "../wifi/access-point";
import { type AcceptedCallbacks, type AcceptedSocket, HttpConnection } from "./http-connection";
import type { HttpRequest } from "./http-request";
import type { HttpResponse } from "./http-response";

/** The SDK's `embedded:io/socket/listener`. */
export type ListenerClass = new (options: {
  port: number;
  onReadable(requests: number): void;
}) => {
  read(): AcceptedSocket | undefined;
  close(): void;
};

/** The SDK's TCP, taking over a connection that the listener gave. */
export type AcceptedTcpClass = new (
  options: AcceptedCallbacks & { from: AcceptedSocket; nodelay: boolean },
) => AcceptedSocket;

/** Connections at once: half of the sockets that lwIP has in the SDK's configuration (LWIP_MAX_ACTIVE_TCP 8). */
export const MOST_CONNECTIONS = 4;

export interface HttpServerOptions {
  readonly Listener: ListenerClass;
  readonly TCP: AcceptedTcpClass;
  readonly port: number;
  /** The access point's address: connections from outside its /24 are closed unread. */
  readonly address: string;
  respond(request: HttpRequest): HttpResponse;
  readonly log?: Logger;
}

/**
 * The portal's server: bounded in connections, bytes and time.
 *
 * Every connection is taken from the SDK's accept queue at once, and closed when it is one too many: that queue has
 * no bound, and no one there notices a peer that is gone (modules/io/socket/lwip/tcp.c, listenerAccept). A connection
 * that has not sent anything yet makes room for a new one. Opening throws when the stack has no socket.
 */
export class HttpServer {
  #options: HttpServerOptions;
  #log: Logger;
  #listener: InstanceType<ListenerClass> | undefined;
  #connections: HttpConnection[] = [];

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLogger;
    this.#listener = new options.Listener({
      port: options.port,
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

  /** As many as are waiting, and no more: a `read` too many loses a socket and its memory (SDK's listener.js). */
  private accept(requests: number): void {
    for (; requests > 0; requests--) {
      const from = this.#listener?.read();
      if (from) this.take(from);
    }
  }

  private take(from: AcceptedSocket): void {
    const { remoteAddress } = from;
    if (remoteAddress === undefined || !sameSubnet(remoteAddress, this.#options.address)) {
      this.#log.debug(`connection from ${remoteAddress}: closed`);
      from.close();
      return;
    }
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
