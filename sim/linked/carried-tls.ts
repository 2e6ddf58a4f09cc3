import type { TcpClass, TcpOptions } from "../../modules/tls/tcp-class";
import { HelperTls } from "../carried/helper-tls";
import type { FromCarried, ToCarried } from "../carried/messages";
import { WiredNetwork } from "../device/wired-network";
import TCP from "../sdk/tcp";
import { createOpenTlsSocket } from "../tls/tls-socket";
import { FIRST_PHONE_ID } from "../world/phone";
import type { FromDevice, ToDevice } from "../world/wire";

/** Above what a board numbers its connections by, and below what the phone does. */
const FIRST_ID = 1 << 20;

/**
 * TLS for one life of a board that has none: by Node, over connections through the board's own router, so that firewalls
 * and cut cables are as they are for the board's engine. Its clock is the computer's, as that of the board is.
 */
export class CarriedTls {
  #helper: HelperTls;
  #network: WiredNetwork;

  constructor(options: { toBoard(message: ToCarried): void; toWorld(message: FromDevice): void }) {
    const network = new WiredNetwork({ post: options.toWorld, onMessage: () => {} }, FIRST_ID);
    this.#network = network;
    class BoardTcp extends TCP {
      constructor(of: TcpOptions) {
        super({ ...of, network });
      }
    }
    this.#helper = new HelperTls({
      open: createOpenTlsSocket({ TCP: BoardTcp as TcpClass, now: Date.now }),
      post: options.toBoard,
    });
  }

  /** False: not for TLS. */
  take(message: FromDevice | FromCarried): boolean {
    return this.#helper.take(message);
  }

  /** As {@link take}, of what the world answers to a connection from here. */
  takeFromWorld(message: ToDevice): boolean {
    if (!("id" in message) || message.id < FIRST_ID || message.id >= FIRST_PHONE_ID) return false;
    return this.#network.take(message);
  }

  close(): void {
    this.#helper.close();
  }
}
