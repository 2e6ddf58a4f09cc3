import { type DeviceEnd, type FromDevice, TCP_WINDOW, type ToDevice } from "../../sim/world/wire";

/** The world's end of a wire that leads a board's IP stack back to itself: 127.0.0.1 and nothing else. */
export class LoopbackWire implements DeviceEnd {
  onMessage: (message: ToDevice) => void = () => {};
  #listening = new Set<number>();
  #peers = new Map<number, number>();
  #udpPorts = new Map<number, number>();
  #nextId = 1_000_000;

  post(message: FromDevice): void {
    switch (message.t) {
      case "tcp-open":
        return this.#open(message.id, message.port);
      case "tcp-data": {
        const peer = this.#peers.get(message.id);
        if (peer === undefined) return;
        this.#send({ t: "tcp-data", id: peer, bytes: message.bytes });
        return this.#send({ t: "tcp-window", id: message.id, bytes: message.bytes.length });
      }
      case "tcp-close": {
        const peer = this.#peers.get(message.id);
        this.#peers.delete(message.id);
        if (peer !== undefined) this.#send({ t: "tcp-end", id: peer });
        return;
      }
      case "tcp-listen":
        this.#listening.add(message.port);
        return;
      case "tcp-unlisten":
        this.#listening.delete(message.port);
        return;
      case "udp-open":
        this.#udpPorts.set(message.id, message.port);
        return;
      case "udp-close":
        this.#udpPorts.delete(message.id);
        return;
      case "udp-send": {
        const { bytes, address, port } = message;
        const remotePort = this.#udpPorts.get(message.id)!;
        if ([...this.#udpPorts.values()].includes(port))
          this.#send({ t: "udp-data", port, bytes, address, remotePort });
      }
    }
  }

  #open(id: number, port: number): void {
    if (!this.#listening.has(port)) return this.#send({ t: "tcp-end", id });
    const peer = this.#nextId++;
    this.#peers.set(id, peer).set(peer, id);
    this.#send({ t: "tcp-opened", id, window: TCP_WINDOW });
    this.#send({ t: "tcp-incoming", id: peer, port, address: "127.0.0.1", remotePort: 50_000 });
    this.#send({ t: "tcp-opened", id: peer, window: TCP_WINDOW });
  }

  #send(message: ToDevice): void {
    setTimeout(() => this.onMessage(message), 0);
  }
}
