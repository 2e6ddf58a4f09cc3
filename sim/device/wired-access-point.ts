import type { AccessPoint, AccessPointOptions } from "../../wifi/access-point";
import type { DeviceEnd, ToDevice } from "../world/wire";

/** The board's access point: the phones at the other end of the wire see it. */
export class WiredAccessPoint implements AccessPoint {
  readonly ports = { dns: 53, http: 80 };
  readonly interface = "ap";
  onClients: () => void = () => {};
  #wire: DeviceEnd;
  #address = "0.0.0.0";
  #phones = new Set<string>();

  constructor(wire: DeviceEnd) {
    this.#wire = wire;
  }

  get address(): string {
    return this.#address;
  }

  get clients(): number {
    return this.#phones.size;
  }

  start(options: AccessPointOptions): void {
    this.#address = options.address;
    this.#phones.clear();
    this.#wire.post({ t: "ap-start", ...options });
  }

  stop(): void {
    this.#phones.clear();
    this.#wire.post({ t: "ap-stop" });
  }

  take(message: ToDevice): boolean {
    if (message.t !== "ap-client") return false;
    if (message.joined) this.#phones.add(message.mac);
    else this.#phones.delete(message.mac);
    this.onClients();
    return true;
  }
}
