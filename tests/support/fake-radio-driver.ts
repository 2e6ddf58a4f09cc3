import type { DriverEvent, OnDriverEvent } from "../../wifi/esp32/driver";
import type { AccessPointDriver } from "../../wifi/esp32/esp32-access-point";
import type { StationDriver } from "../../wifi/esp32/esp32-radio";
import { FOUND_LENGTH } from "../../wifi/esp32/found";

/** One access point as radio.c gives it. */
export interface FoundFields {
  ssid?: string | Uint8Array;
  bssid?: readonly number[];
  channel?: number;
  rssi?: number;
  authmode?: number;
}

export function formatFound({
  ssid = "Home",
  bssid = [2, 0, 0, 0, 0xaa, 1],
  channel = 6,
  rssi = -60,
  authmode = 3,
}: FoundFields): ArrayBuffer {
  const name = typeof ssid === "string" ? new TextEncoder().encode(ssid) : ssid;
  const bytes = new Uint8Array(FOUND_LENGTH);
  bytes[0] = name.length;
  bytes.set(name, 1);
  bytes.set([...bssid, channel, rssi & 0xff, authmode], 33);
  return bytes.buffer;
}

export interface Connect {
  readonly ssid: string;
  readonly password: string;
  readonly bssid: readonly number[] | undefined;
  readonly channel: number;
  readonly least: number;
}

/** What radio-xs.c throws at: text that its buffers do not hold, and channels that ESP-IDF does not know. */
export function checkArguments(ssid: string, password: string, channel: number): void {
  if (Buffer.byteLength(ssid) > 32) throw new RangeError("ssid");
  if (Buffer.byteLength(password) > 64) throw new RangeError("password");
  if (!(channel >= 0 && channel <= 13)) throw new RangeError("channel");
}

/**
 * The driver behind driver.js, with the manners of ESP-IDF's: it takes one attempt at a time, tells its end late, and
 * refuses what comes out of turn; it throws at what the native throws at. A test ends attempts and scans; events come only from `tell`, never inside a call.
 */
export class FakeRadioDriver implements StationDriver, AccessPointDriver {
  readonly connects: Connect[] = [];
  readonly scans: [ssid: string, channel: number][] = [];
  readonly accessPoints: [ssid: string, password: string, channel: number, address: string][] = [];
  disconnects = 0;
  /** Calls that ESP-IDF would have refused. */
  readonly refused: string[] = [];
  refuseConnects = 0;
  refuseScans = false;
  refuseAccessPoints = 0;
  current: string[] | undefined;
  strength = -55;
  found: ArrayBuffer[] = [];
  forgotten = 0;
  phoneCount = 0;
  open = true;
  accessPointIsOpen = false;
  closings = 0;
  /** Connecting or associated. */
  busy = false;
  attempt = 0;
  onEvent: OnDriverEvent = () => {};

  connect(
    ssid: string,
    password: string,
    bssid: Uint8Array | undefined,
    channel: number,
    least: number,
  ): number {
    checkArguments(ssid, password, channel);
    if (bssid && bssid.length !== 6) throw new RangeError("bssid");
    if (this.busy) this.refused.push("connect while connecting");
    if (this.refuseConnects > 0) {
      this.refuseConnects--;
      return 0;
    }
    this.connects.push({ ssid, password, bssid: bssid && [...bssid], channel, least });
    this.busy = true;
    return ++this.attempt;
  }
  disconnect(): void {
    this.disconnects++;
  }
  lease(): string[] | undefined {
    return this.current;
  }
  rssi(): number {
    return this.strength;
  }
  scan(ssid: string, channel: number): boolean {
    checkArguments(ssid, "", channel);
    this.scans.push([ssid, channel]);
    return !this.refuseScans;
  }
  nextFound(): ArrayBuffer | undefined {
    return this.found.shift();
  }
  forgetFound(): void {
    this.forgotten += this.found.length;
    this.found = [];
  }
  openAccessPoint(ssid: string, password: string, channel: number, address: string): boolean {
    checkArguments(ssid, password, channel);
    if (address.length > 15) throw new RangeError("address");
    if (this.refuseAccessPoints > 0) {
      this.refuseAccessPoints--;
      return false;
    }
    this.accessPoints.push([ssid, password, channel, address]);
    this.accessPointIsOpen = true;
    return true;
  }
  closeAccessPoint(): void {
    this.closings++;
    this.accessPointIsOpen = false;
    this.phoneCount = 0;
  }
  phones(): number {
    return this.phoneCount;
  }
  close(): void {
    this.open = false;
  }

  /** An event of the attempt that is under way, or of an earlier one. */
  tell(
    event: DriverEvent,
    number = 0,
    { rssi = 0, bssid = "02:00:00:00:aa:01", attempt = this.attempt } = {},
  ) {
    if (event === "disconnected" && attempt === this.attempt) this.busy = false;
    this.onEvent(event, attempt, number, rssi, bssid);
  }
}
