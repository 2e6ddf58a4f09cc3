import Timer from "timer";
import type { Logger } from "../../modules/base/logger";
import type { AccessPoint, AccessPointOptions } from "../access-point";

/** What the access point needs of the driver (driver.d.ts). */
export interface AccessPointDriver {
  openAccessPoint(ssid: string, password: string, channel: number, address: string): boolean;
  closeAccessPoint(): void;
  phones(): number;
}

/** The driver refuses while its station is between two states; a moment later it does not. */
export const RETRY_MS = 1_000;

/** The access point's half of the ESP32 radio, over radio.c. It opens as soon as the driver lets it. */
export class Esp32AccessPoint implements AccessPoint {
  readonly ports = { dns: 53, http: 80 };
  readonly interface = "ap";
  onClients: () => void = () => {};
  #driver: AccessPointDriver;
  #log: Logger;
  #options: AccessPointOptions | undefined;
  #timer: Timer | undefined;

  constructor({ driver, log }: { driver: AccessPointDriver; log: Logger }) {
    this.#driver = driver;
    this.#log = log;
  }

  get address(): string {
    return this.#options?.address ?? "0.0.0.0";
  }

  get clients(): number {
    return this.#options ? this.#driver.phones() : 0;
  }

  start(options: AccessPointOptions): void {
    this.#options = options;
    this.open(options);
  }

  stop(): void {
    if (!this.#options) return;
    this.#options = undefined;
    Timer.clear(this.#timer);
    this.#driver.closeAccessPoint();
  }

  /** The driver tells that a phone came or went. */
  phonesChanged(): void {
    if (this.#options) this.onClients();
  }

  private open(options: AccessPointOptions): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    const { ssid, password = "", channel, address } = options;
    if (this.#driver.openAccessPoint(ssid, password, channel, address)) return;
    this.#log.warn("the driver refuses the access point: tried again");
    this.#timer = Timer.set(() => this.open(options), RETRY_MS);
  }
}
