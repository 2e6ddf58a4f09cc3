import type { AddressInfo } from "node:net";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/**
 * The devices' way to the broker. While it is shut nobody gets through: after a restart the reader has to be back first,
 * or what the broker took in between would be nobody's.
 */
export class Gate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isOpen = true;

  private constructor(target: number) {
    this.#server = createServer((device) => {
      if (!this.#isOpen) return void device.resetAndDestroy();
      const broker = createConnection({ port: target, host: "127.0.0.1" });
      for (const [from, to] of [
        [device, broker],
        [broker, device],
      ] as const) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        from.on("error", () => to.destroy());
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  static async to(target: number): Promise<Gate> {
    const gate = new Gate(target);
    await new Promise<void>((resolve) => gate.#server.listen(0, "127.0.0.1", resolve));
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  shut(): void {
    this.#isOpen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    this.shut();
    this.#server.close();
  }
}
