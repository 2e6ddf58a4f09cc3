import { createServer, type Server, type Socket } from "node:net";

/**
 * In the place of xsbug: asks the engine to stop at every exception, lets it go on at once, and keeps what it said.
 * The protocol is XML in pieces, as xs/sources/xsDebug.c of the SDK reads and writes it.
 */
export class XsbugStandIn {
  readonly port: number;
  /** Where the engine stopped, with the reason: `<break path="…" line="…">…</break>`. */
  readonly stops: string[] = [];
  #server: Server;
  #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    server.on("connection", (socket) => this.take(socket));
  }

  static async open(): Promise<XsbugStandIn> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new XsbugStandIn(server);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  private take(socket: Socket): void {
    let text = "";
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (data) => {
      text += data.toString("utf8");
      for (;;) {
        const end = text.indexOf("</xsbug>");
        if (end < 0) return;
        this.answer(socket, text.slice(0, end));
        text = text.slice(end + "</xsbug>".length);
      }
    });
  }

  private answer(socket: Socket, message: string): void {
    if (message.includes("<login"))
      socket.write('\r\n<set-breakpoint path="exceptions" line="0"/>\r\n<go/>\r\n');
    const stop = /<break[\s\S]*?<\/break>/.exec(message)?.[0];
    if (stop === undefined) return;
    this.stops.push(stop);
    socket.write("\r\n<go/>\r\n");
  }
}
