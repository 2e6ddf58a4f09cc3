import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** How often what has come is passed on. */
const TICK_MS = 5;
/** What a router holds before it slows the server down. */
const QUEUE_BYTES = 32_768;

/** A link in front of a port of this computer: so many bytes a second towards the client, all of them counted. */
export class SlowLink {
  /** Bytes of TCP's stream towards the client, and from it. */
  down = 0;
  up = 0;
  #server: Server;
  #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(target: number, bytesPerSecond: number, latencyMs: number): Promise<SlowLink> {
    const server = createServer({ noDelay: true });
    const link = new SlowLink(server);
    server.on("connection", (client) => link.#join(client, target, bytesPerSecond, latencyMs));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket, target: number, bytesPerSecond: number, latencyMs: number): void {
    const server = connect({ host: "127.0.0.1", port: target, noDelay: true });
    let queue: Buffer[] = [];
    let waiting = 0;
    let ended = false;
    // Bytes that may go; what the link did not carry while it was idle is lost.
    let allowance = 0;
    let last = performance.now();
    const tick = setInterval(() => {
      const now = performance.now();
      allowance = Math.min(allowance + ((now - last) * bytesPerSecond) / 1000, bytesPerSecond / 20);
      last = now;
      const all = Buffer.concat(queue);
      const part = all.subarray(0, Math.floor(allowance));
      queue = part.length < all.length ? [all.subarray(part.length)] : [];
      waiting -= part.length;
      allowance -= part.length;
      this.down += part.length;
      if (part.length > 0) setTimeout(() => client.write(part), latencyMs);
      if (waiting < QUEUE_BYTES) server.resume();
      if (ended && waiting === 0) {
        clearInterval(tick);
        setTimeout(() => client.end(), latencyMs);
      }
    }, TICK_MS);
    server.on("data", (bytes) => {
      queue.push(bytes);
      waiting += bytes.length;
      if (waiting >= QUEUE_BYTES) server.pause();
    });
    server.on("end", () => {
      ended = true;
    });
    client.on("data", (bytes) => {
      this.up += bytes.length;
      setTimeout(() => server.write(bytes), latencyMs);
    });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        if (socket === client) {
          clearInterval(tick);
          server.destroy();
        }
      });
    }
  }
}
