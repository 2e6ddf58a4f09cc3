import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { Connections } from "../../tools/base/connections";

export interface WebCredentials {
  /** PEM */
  readonly key: string;
  readonly certificateChain: string;
}

/** A small HTTPS server on loopback that answers every request alike, as a sign-in page does. */
export class WebServer {
  #server: Server;
  #connections: Connections;

  private constructor(server: Server) {
    this.#server = server;
    this.#connections = new Connections(server);
  }

  static async start(credentials: WebCredentials, answer: string): Promise<WebServer> {
    const server = createServer(
      { key: credentials.key, cert: credentials.certificateChain, minVersion: "TLSv1.2" },
      (socket) => {
        socket.on("error", () => socket.destroy());
        socket.once("data", () => socket.end(answer));
      },
    );
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return new WebServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }
}

export const SIGN_IN_ANSWER =
  "HTTP/1.1 302 Found\r\nlocation: https://guest.example/sign-in\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
