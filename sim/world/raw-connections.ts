import type { Server, Socket } from "node:net";

/**
 * The connections of a server from their first packet on: one whose TLS handshake hangs is none of TLS's yet, and a
 * server waits for it for two minutes before it is closed.
 */
export class RawConnections {
  #open = new Set<Socket>();

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    });
  }

  destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
