import Timer from "timer";
import type { Logger } from "../../modules/base/logger";
import { isChannel, MAX_FOUND } from "../air";
import type { AccessPointInfo, Radio, RadioConnectOptions, RadioEvent } from "../radio";
import { ASSOC_LEAVE, ROAMING, UNSPECIFIED } from "../reason-codes";
import { SOUND } from "../security";
import type { DriverEvent } from "./driver";
import { parseBssid, parseFound } from "./found";

/** What the station needs of the driver (driver.d.ts). */
export interface StationDriver {
  connect(
    ssid: string,
    password: string,
    bssid: Uint8Array | undefined,
    channel: number,
    least: number,
  ): number;
  disconnect(): void;
  lease(): string[] | undefined;
  rssi(): number;
  scan(ssid: string, channel: number): boolean;
  nextFound(): ArrayBuffer | undefined;
  forgetFound(): void;
  close(): void;
}

/** The driver tells of a disconnection within milliseconds; where there was nothing to leave, never. */
export const LEAVE_MS = 500;
/** What the driver gives for an RSSI that it does not know. */
const NO_RSSI = -128;

type State =
  | "idle"
  /** The driver was told to connect; it ends in associated or idle. */
  | "connecting"
  | "associated"
  /** The driver was told to disconnect; its event is awaited, so that it is not taken for the next attempt's. */
  | "leaving"
  | "closed";

interface Target {
  readonly options: RadioConnectOptions;
  readonly bssid: Uint8Array | undefined;
}

/**
 * The station's half of the ESP32 radio, over radio.c.
 *
 * - The driver has one attempt at a time: a connect during another one waits until that has ended.
 * - Events of an attempt that was replaced are dropped, by the number that the driver gave it.
 * - Callbacks come in a turn of their own, also when the driver refuses at once.
 */
export class Esp32Radio implements Radio {
  readonly mac: string;
  onEvent: (event: RadioEvent) => void = () => {};
  #driver: StationDriver;
  #log: Logger;
  #state: State = "idle";
  #timer: Timer | undefined;
  #attempt = 0;
  /** What to connect to once the driver has left. */
  #next: Target | undefined;
  #onScanned: ((found: AccessPointInfo[]) => void) | undefined;

  constructor({ driver, mac, log }: { driver: StationDriver; mac: string; log: Logger }) {
    this.#driver = driver;
    this.#log = log;
    this.mac = mac;
  }

  get rssi(): number | undefined {
    return (this.#state === "associated" && this.#driver.rssi()) || undefined;
  }

  scan(options: { ssid?: string; channel?: number }, onComplete: (found: AccessPointInfo[]) => void): void {
    if (this.#state === "closed") return;
    this.#onScanned = onComplete;
    if (this.#driver.scan(options.ssid ?? "", options.channel ?? 0)) return;
    this.#log.warn("the driver refused a scan");
    Timer.set(() => {
      if (this.#onScanned === onComplete) this.scanned([]);
    });
  }

  connect(options: RadioConnectOptions): void {
    if (this.#state === "closed") return;
    this.#next = { options, bssid: options.bssid === undefined ? undefined : parseBssid(options.bssid) };
    if (this.#state === "idle") this.begin();
    else this.leave();
  }

  disconnect(): void {
    this.#next = undefined;
    this.leave();
  }

  close(): void {
    if (this.#state === "closed") return;
    this.enter("closed");
    this.#onScanned = undefined;
    this.onEvent = () => {};
    this.#driver.close();
  }

  /** What the driver tells: its `onEvent` comes here. */
  take(event: DriverEvent, attempt: number, number: number, rssi: number, bssid: string): void {
    if (this.#state === "closed") return;
    this.#log.debug(`${event} ${attempt}/${this.#attempt} ${number}`);
    if (event === "scanned") return this.scanned(this.fetchFound());
    if (attempt !== this.#attempt) return;
    switch (event) {
      case "associated":
        if (this.#state !== "connecting") return;
        this.enter("associated");
        return this.onEvent({ type: "associated", bssid, channel: number });
      case "disconnected":
        // Roaming is no end; and nobody told this attempt to leave: a late echo of the one before.
        if (number === ROAMING || (number === ASSOC_LEAVE && this.#state === "connecting")) return;
        return this.ended(number, rssi);
      case "address":
        return this.takeAddress();
      case "address-lost":
        if (this.#state === "associated") this.onEvent({ type: "address-lost" });
    }
  }

  private takeAddress(): void {
    // The lease is what is so now: an event that was late finds a later one, or none.
    const lease = this.#state === "associated" ? this.#driver.lease() : undefined;
    if (!lease) return;
    const [address = "", gateway = "", ...servers] = lease;
    this.onEvent({ type: "address", address, gateway, dns: servers.filter((server) => server !== "") });
  }

  private begin(): void {
    const next = this.#next;
    this.#next = undefined;
    if (!next) return;
    const { ssid, password = "", channel = 0, least = SOUND } = next.options;
    // A hint is all that a channel is: the driver throws at one that it does not know.
    const hint = isChannel(channel) ? channel : 0;
    this.#attempt = this.#driver.connect(ssid, password, next.bssid, hint, least);
    this.enter("connecting");
    if (this.#attempt !== 0) return;
    this.#log.warn("the driver refused to connect");
    this.#timer = Timer.set(() => this.ended(UNSPECIFIED, 0));
  }

  private leave(): void {
    if (this.#state !== "connecting" && this.#state !== "associated") return;
    this.enter("leaving");
    this.#timer = Timer.set(() => this.left(), LEAVE_MS);
    this.#driver.disconnect();
  }

  private left(): void {
    this.enter("idle");
    this.begin();
  }

  private ended(reason: number, rssi: number): void {
    if (this.#state === "idle") return;
    const replaced = this.#next !== undefined;
    this.left();
    if (replaced) return;
    this.onEvent({ type: "disconnected", reason, ...(rssi < 0 && rssi > NO_RSSI && { rssi }) });
  }

  private fetchFound(): AccessPointInfo[] {
    const found: AccessPointInfo[] = [];
    while (found.length < MAX_FOUND) {
      const next = this.#driver.nextFound();
      if (!next) return found;
      const info = parseFound(next);
      if (info) found.push(info);
    }
    this.#driver.forgetFound();
    return found;
  }

  private scanned(found: AccessPointInfo[]): void {
    const onScanned = this.#onScanned;
    this.#onScanned = undefined;
    onScanned?.(found);
  }

  private enter(next: State): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#state = next;
  }
}
