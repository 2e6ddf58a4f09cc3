import type { TcpCallbacks, TcpLink } from "../sdk/machine";
import { ROUTER_ADDRESS } from "./room";
import type { OutboundPort, Router } from "./router";
import type { FromDevice, ToDevice } from "./wire";

/** A server somewhere in the world. Callbacks never run inside `connect`. */
export interface TcpService {
  connect(callbacks: TcpCallbacks): TcpLink;
}
/** `from.internet`: whether the router that the question came through has its cable in. */
export type UdpService = (
  request: Uint8Array,
  from: { readonly internet: boolean },
  answer: (bytes: Uint8Array) => void,
) => void;

/** Which server listens where: "address:port". */
export interface Services {
  readonly tcp: Map<string, TcpService>;
  readonly udp: Map<string, UdpService>;
  /** The name server in every router: says that it cannot resolve anything when its cable is out. */
  readonly nameServer: UdpService;
  /** Whatever TLS opening a sign-in page catches. */
  signInPage: TcpService;
}

type Path = "open" | "dropped" | "sign-in" | "no-route";

interface Connection {
  readonly port: number;
  readonly link: TcpLink;
  /** What the path holds back while it is cut, in order: TCP would send it again. */
  readonly toServer: Uint8Array[];
  readonly toDevice: (() => void)[];
}

/**
 * The way from the board's address to the servers: its router, that router's firewall and cable, the internet.
 * A cut path holds bytes back rather than dropping them, as TCP's retransmission would; datagrams are lost.
 */
export class Gateway {
  /** The internet behind every router. */
  internet = true;
  #services: Services;
  #router: () => Router | "nowhere" | undefined;
  #send: (message: ToDevice) => void;
  #connections = new Map<number, Connection>();
  #udpPorts = new Map<number, number>();

  constructor(options: {
    services: Services;
    /** Where the board's packets come to a line; `"nowhere"`: they are lost on the way. */
    router(): Router | "nowhere" | undefined;
    send(message: ToDevice): void;
  }) {
    this.#services = options.services;
    this.#router = options.router;
    this.#send = options.send;
  }

  take(message: FromDevice): boolean {
    switch (message.t) {
      case "tcp-open":
        this.#open(message);
        return true;
      case "tcp-data":
        this.#fromDevice(message.id, message.bytes);
        return true;
      case "tcp-close":
        this.#connections.get(message.id)?.link.close();
        this.#connections.delete(message.id);
        return true;
      case "udp-open":
        this.#udpPorts.set(message.id, message.port);
        return true;
      case "udp-send":
        this.#datagram(message);
        return true;
      case "udp-close":
        this.#udpPorts.delete(message.id);
        return true;
      default:
        return false;
    }
  }

  /** The board is elsewhere or gone: its connections stay open at the servers, and silent. */
  abandon(): void {
    this.#connections.clear();
  }

  /** As {@link abandon}, and the board's own ports are forgotten. */
  boardOff(): void {
    this.abandon();
    this.#udpPorts.clear();
  }

  /** A path was cut or mended: what was held back moves on where it can. */
  reconsider(): void {
    for (const [id, connection] of [...this.#connections]) {
      if (this.#path(connection.port) === "dropped") continue;
      for (const bytes of connection.toServer.splice(0)) connection.link.send(bytes);
      for (const deliver of connection.toDevice.splice(0))
        if (this.#connections.get(id) === connection) deliver();
    }
  }

  #path(port: number): Path {
    const router = this.#router();
    if (!router) return "no-route";
    if (router === "nowhere") return "dropped";
    if (!this.internet || !router.internet) return "dropped";
    if (router.blockedPorts.includes(port as OutboundPort)) return "dropped";
    if (!router.signInPage || port === 53) return "open";
    return port === 443 ? "sign-in" : "dropped";
  }

  #open({ id, address, port }: Extract<FromDevice, { t: "tcp-open" }>): void {
    const path = this.#path(port);
    if (path === "dropped") return;
    const service =
      path === "sign-in" ? this.#services.signInPage : this.#services.tcp.get(`${address}:${port}`);
    if (path === "no-route" || !service) {
      this.#send({ t: "tcp-end", id });
      return;
    }
    // A board that starts anew counts its sockets from one again: the id may be another connection's by now.
    const deliver = (action: () => void): void => {
      if (this.#connections.get(id) !== connection) return;
      if (connection.toDevice.length || this.#path(port) === "dropped") connection.toDevice.push(action);
      else action();
    };
    const link: TcpLink = service.connect({
      onOpen: (window) => deliver(() => this.#send({ t: "tcp-opened", id, window })),
      onData: (bytes) => deliver(() => this.#send({ t: "tcp-data", id, bytes })),
      onWindow: (bytes) => deliver(() => this.#send({ t: "tcp-window", id, bytes })),
      onEnd: () =>
        deliver(() => {
          this.#connections.delete(id);
          this.#send({ t: "tcp-end", id });
        }),
    });
    const connection: Connection = { port, link, toServer: [], toDevice: [] };
    this.#connections.set(id, connection);
  }

  #fromDevice(id: number, bytes: Uint8Array): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    if (connection.toServer.length || this.#path(connection.port) === "dropped")
      connection.toServer.push(bytes);
    else connection.link.send(bytes);
  }

  #datagram({ id, bytes, address, port }: Extract<FromDevice, { t: "udp-send" }>): void {
    const local = this.#udpPorts.get(id);
    const router = this.#router();
    if (local === undefined || !router || router === "nowhere") return;
    const atRouter = address === ROUTER_ADDRESS && port === 53;
    const reached = (): boolean =>
      this.#path(port) === "open" || (atRouter && !router.internet && !router.blockedPorts.includes(53));
    if (!reached()) return;
    const service = atRouter ? this.#services.nameServer : this.#services.udp.get(`${address}:${port}`);
    service?.(bytes, { internet: router.internet }, (answer) => {
      if (this.#udpPorts.get(id) !== local || this.#router() !== router || !reached()) return;
      this.#send({ t: "udp-data", port: local, bytes: answer, address, remotePort: port });
    });
  }
}
