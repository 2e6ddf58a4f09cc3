import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { Connections } from "../base/connections";
import { ImageRoute } from "./image-route";
import { ImageStore } from "./image-store";

export interface UpdateServerOptions {
  /** PEM: of the server. */
  readonly key: string;
  readonly certificateChain: string;
  /** PEM: whoever it signed is a device. */
  readonly deviceAuthority: string;
  /** The images, each called after its SHA-256. */
  readonly folder: string;
  /** Default: any. */
  readonly port?: number;
  /** Default: loopback. */
  readonly address?: string;
  readonly limits?: Partial<UpdateServerLimits>;
  onServed?(sha256: string, end: number, size: number): void;
}

export interface UpdateServerLimits {
  /** More are closed before TLS begins. */
  readonly connections: number;
  /** More are told to come back (503 with Retry-After). */
  readonly transfers: number;
  readonly retryAfterSeconds: number;
  /** From TCP to the end of the handshake, and from there to the end of a request's head. */
  readonly handshakeMs: number;
  readonly headMs: number;
  /** Between two requests: a device erases and writes flash in between. */
  readonly idleMs: number;
}

const LIMITS: UpdateServerLimits = {
  connections: 1_000,
  transfers: 200,
  retryAfterSeconds: 60,
  handshakeMs: 10_000,
  headMs: 10_000,
  idleMs: 60_000,
};

/** No request of ours has more than some 400 bytes. */
const LONGEST_HEAD = 8_192;

/**
 * The server on 443: images, for devices that show their certificate in TLS. It is asked for, not demanded: whoever has
 * none gets through TLS as before, which is all that a device's check of the internet wants, and 403 in HTTP.
 */
export class UpdateServer {
  readonly store: ImageStore;
  #server: Server;
  #connections: Connections;

  private constructor(server: Server, store: ImageStore) {
    this.#server = server;
    this.store = store;
    this.#connections = new Connections(server);
  }

  static async start(options: UpdateServerOptions): Promise<UpdateServer> {
    const { key, certificateChain, deviceAuthority, port = 0, address = "127.0.0.1" } = options;
    const limits = { ...LIMITS, ...options.limits };
    const store = new ImageStore(options.folder);
    const route = new ImageRoute({
      store,
      isDevice: ({ socket }: IncomingMessage) => (socket as TLSSocket).authorized === true,
      mostTransfers: limits.transfers,
      retryAfterSeconds: limits.retryAfterSeconds,
      ...(options.onServed && { onServed: options.onServed }),
    });
    const server = createServer(
      {
        key,
        cert: certificateChain,
        ca: deviceAuthority,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: "TLSv1.2",
        handshakeTimeout: limits.handshakeMs,
        headersTimeout: limits.headMs,
        requestTimeout: limits.headMs,
        keepAliveTimeout: limits.idleMs,
        connectionsCheckingInterval: Math.min(5_000, limits.headMs),
        maxHeaderSize: LONGEST_HEAD,
        noDelay: true,
      },
      (request, response) => void route.answer(request, response),
    );
    server.maxConnections = limits.connections;
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      if (socket.writable && error.code !== "ECONNRESET")
        socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      else socket.destroy();
    });
    const updates = new UpdateServer(server, store);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, address, resolve);
    });
    return updates;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#connections.count;
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}
