import type { Server, Socket } from "node:net";

/**
 * The connections of a server from their first packet on: one whose TLS handshake hangs is none of TLS's yet, and a
 * server waits for it for two minutes before it is closed.
 */
export class Connections {
  #server: Server;
  #open = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    });
  }

  get count(): number {
    return this.#open.size;
  }

  /** Closes the server, and cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}
