import { checkJoin } from "../../sim/device/wired-radio";
import type { AccessPointInfo, Radio, RadioConnectOptions, RadioEvent, Security } from "../../wifi/radio";

/**
 * A radio that does nothing by itself: a test answers its scans and sends its events. It notes when it is used
 * against its contract: two connects at once, a scan while associating, two scans at once. What a driver throws at, it
 * throws at.
 */
export class FakeRadio implements Radio {
  readonly mac = "02:00:00:00:00:01";
  onEvent: (event: RadioEvent) => void = () => {};
  readonly connects: RadioConnectOptions[] = [];
  readonly scans: { ssid?: string; channel?: number }[] = [];
  readonly misuses: string[] = [];
  disconnects = 0;
  /** Of the access point that it is on. */
  rssi: number | undefined;
  closed = false;
  #busy = false;
  #associated = false;
  #addressed = false;
  #scannedAt = 0;
  #onScanned: ((found: AccessPointInfo[]) => void) | undefined;

  /** A scan waits for its answer; one that has had none for 15 s is dead. */
  get scanning(): boolean {
    return this.#onScanned !== undefined && performance.now() - this.#scannedAt < 15_000;
  }

  /** Told to connect, and neither failed nor told to disconnect since. */
  get busy(): boolean {
    return this.#busy;
  }

  get lastConnect(): RadioConnectOptions | undefined {
    return this.connects.at(-1);
  }

  scan(options: { ssid?: string; channel?: number }, onComplete: (found: AccessPointInfo[]) => void): void {
    if (this.scanning) this.misuses.push("two scans");
    if (this.#busy && !this.#addressed) this.misuses.push("scan while associating");
    this.scans.push(options);
    this.#scannedAt = performance.now();
    this.#onScanned = onComplete;
  }
  connect(options: RadioConnectOptions): void {
    checkJoin(options);
    if (this.#busy) this.misuses.push("two connects");
    if (this.scanning) this.misuses.push("connect while scanning");
    this.connects.push(options);
    this.#busy = true;
    this.#associated = this.#addressed = false;
  }
  disconnect(): void {
    this.disconnects++;
    this.#busy = false;
  }
  close(): void {
    this.closed = true;
  }

  /** The scan ends. */
  found(...found: AccessPointInfo[]): void {
    const onScanned = this.#onScanned;
    this.#onScanned = undefined;
    onScanned?.(found);
  }
  /** The scan will never end (its answer, if any, is not remembered). */
  loseScan(): (found: AccessPointInfo[]) => void {
    const onScanned = this.#onScanned;
    this.#onScanned = undefined;
    return (found) => onScanned?.(found);
  }
  associated(
    bssid = this.lastConnect?.bssid ?? "02:00:00:00:aa:00",
    channel = this.lastConnect?.channel ?? 1,
  ): void {
    this.#associated ||= bssid === this.lastConnect?.bssid;
    this.onEvent({ type: "associated", bssid, channel });
  }
  address(address = "192.0.2.7", dns: readonly string[] = ["192.0.2.1"]): void {
    this.#addressed = this.#associated;
    this.onEvent({ type: "address", address, gateway: "192.0.2.1", dns });
  }
  addressLost(): void {
    this.onEvent({ type: "address-lost" });
  }
  /** Reason 8 ends an association, but no attempt: there it is the echo of an earlier `disconnect()`. */
  disconnected(reason: number, rssi?: number): void {
    if (reason !== 8 || this.#associated) this.#busy = false;
    this.onEvent({ type: "disconnected", reason, ...(rssi !== undefined && { rssi }) });
  }
  /** What follows `disconnect()` on hardware. */
  echo(): void {
    this.disconnected(8);
  }
}

/** An access point of a scan; its BSSID follows from `id`. */
export function accessPoint(
  ssid: string | undefined,
  { id = 1, rssi = -60, channel = 1, security = "wpa2" as Security } = {},
): AccessPointInfo {
  const bssid = `02:00:00:00:00:${id.toString(16).padStart(2, "0")}`;
  return { ssid, ssidBytes: new TextEncoder().encode(ssid ?? ""), bssid, channel, rssi, security };
}
