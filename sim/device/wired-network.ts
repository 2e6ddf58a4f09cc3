import type { ClosableLink, MachineNetwork, TcpCallbacks, TcpLink, UdpLink } from "../sdk/machine";
import type { DeviceEnd, ToDevice } from "../world/wire";

/** Ephemeral ports start here (RFC 6335, 6). */
const FIRST_EPHEMERAL_PORT = 49_152;

/** The board's IP stack: every call becomes a message on the wire, every answer a callback. */
export class WiredNetwork implements MachineNetwork {
  #wire: DeviceEnd;
  #nextId: number;
  #nextPort = FIRST_EPHEMERAL_PORT;
  #tcp = new Map<number, TcpCallbacks>();
  #udp = new Map<number, (bytes: Uint8Array, address: string, port: number) => void>();
  #listeners = new Map<number, (accept: (callbacks: TcpCallbacks) => TcpLink, address: string) => void>();
  #dns: readonly string[] = [];

  /** @param firstId of connections that are opened here */
  constructor(wire: DeviceEnd, firstId = 1) {
    this.#wire = wire;
    this.#nextId = firstId;
  }

  openTcp(address: string, port: number, callbacks: TcpCallbacks): TcpLink {
    const id = this.#nextId++;
    this.#tcp.set(id, callbacks);
    this.#wire.post({ t: "tcp-open", id, address, port });
    return this.#link(id, address, port);
  }

  listenTcp(
    port: number,
    onConnection: (accept: (callbacks: TcpCallbacks) => TcpLink, address: string) => void,
  ): ClosableLink {
    if (this.#listeners.has(port)) throw new Error("bind failed");
    this.#listeners.set(port, onConnection);
    this.#wire.post({ t: "tcp-listen", port });
    return {
      close: () => {
        if (this.#listeners.delete(port)) this.#wire.post({ t: "tcp-unlisten", port });
      },
    };
  }

  openUdp(
    port: number | undefined,
    onDatagram: (bytes: Uint8Array, address: string, port: number) => void,
  ): UdpLink {
    const local = port || this.#freePort();
    if (this.#udp.has(local)) throw new Error("bind failed");
    this.#udp.set(local, onDatagram);
    const id = this.#nextId++;
    this.#wire.post({ t: "udp-open", id, port: local });
    return {
      port: local,
      send: (bytes, address, remotePort) =>
        this.#wire.post({ t: "udp-send", id, bytes, address, port: remotePort }),
      close: () => {
        if (this.#udp.delete(local)) this.#wire.post({ t: "udp-close", id });
      },
    };
  }

  dnsServers(): readonly string[] {
    return this.#dns;
  }

  /** Takes the messages that are for the IP stack; false: somebody else's. */
  take(message: ToDevice): boolean {
    switch (message.t) {
      case "tcp-opened":
        this.#tcp.get(message.id)?.onOpen(message.window);
        return true;
      case "tcp-data":
        this.#tcp.get(message.id)?.onData(message.bytes);
        return true;
      case "tcp-window":
        this.#tcp.get(message.id)?.onWindow(message.bytes);
        return true;
      case "tcp-end": {
        const callbacks = this.#tcp.get(message.id);
        this.#tcp.delete(message.id);
        callbacks?.onEnd();
        return true;
      }
      case "tcp-incoming":
        this.#incoming(message);
        return true;
      case "udp-data":
        this.#udp.get(message.port)?.(message.bytes, message.address, message.remotePort);
        return true;
      case "radio":
        if (message.event.type === "address") this.#dns = message.event.dns;
        return false;
      default:
        return false;
    }
  }

  #incoming(message: Extract<ToDevice, { t: "tcp-incoming" }>): void {
    const { id } = message;
    const listener = this.#listeners.get(message.port);
    if (!listener) {
      this.#wire.post({ t: "tcp-close", id });
      return;
    }
    // What arrives before the firmware takes the connection waits, as in the SDK's accept queue.
    const early: ((callbacks: TcpCallbacks) => void)[] = [];
    this.#tcp.set(id, {
      onOpen: (window) => early.push((to) => to.onOpen(window)),
      onData: (bytes) => early.push((to) => to.onData(bytes)),
      onWindow: (bytes) => early.push((to) => to.onWindow(bytes)),
      onEnd: () => early.push((to) => to.onEnd()),
    });
    listener((callbacks) => {
      if (this.#tcp.has(id)) this.#tcp.set(id, callbacks);
      for (const event of early) event(callbacks);
      return this.#link(id, message.address, message.remotePort);
    }, message.address);
  }

  #link(id: number, remoteAddress: string, remotePort: number): TcpLink {
    return {
      remoteAddress,
      remotePort,
      send: (bytes) => this.#wire.post({ t: "tcp-data", id, bytes }),
      close: () => {
        this.#tcp.delete(id);
        this.#wire.post({ t: "tcp-close", id });
      },
    };
  }

  #freePort(): number {
    do {
      this.#nextPort = this.#nextPort >= 65_535 ? FIRST_EPHEMERAL_PORT : this.#nextPort + 1;
    } while (this.#udp.has(this.#nextPort));
    return this.#nextPort;
  }
}
