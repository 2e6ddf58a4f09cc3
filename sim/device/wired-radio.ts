import { utf8Length } from "../../modules/base/utf8";
import type { AccessPointInfo, Radio, RadioConnectOptions, RadioEvent } from "../../wifi/radio";
import type { DeviceEnd, ToDevice } from "../world/wire";

/** Throws where the driver of an ESP32 does (wifi/esp32/radio-xs.c, found.ts). */
export function checkJoin({ ssid, password = "", bssid, channel = 0 }: RadioConnectOptions): void {
  if ((utf8Length(ssid) ?? 33) > 32) throw new RangeError("ssid");
  if ((utf8Length(password) ?? 65) > 64) throw new RangeError("password");
  if (bssid !== undefined && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(bssid)) throw new RangeError("bssid");
  if (!(channel >= 0 && channel <= 13)) throw new RangeError("channel");
}

/** The board's radio: the room at the other end of the wire decides what is heard. */
export class WiredRadio implements Radio {
  readonly mac: string;
  rssi: number | undefined;
  onEvent: (event: RadioEvent) => void = () => {};
  #wire: DeviceEnd;
  #scan: { id: number; onComplete: (found: AccessPointInfo[]) => void } | undefined;
  #nextId = 1;
  #closed = false;

  constructor(wire: DeviceEnd, mac: string) {
    this.#wire = wire;
    this.mac = mac;
  }

  scan(options: { ssid?: string; channel?: number }, onComplete: (found: AccessPointInfo[]) => void): void {
    // One that the room never answered is replaced, as the driver's is.
    const id = this.#nextId++;
    this.#scan = { id, onComplete };
    this.#wire.post({ t: "scan", id, ...options });
  }

  connect(options: RadioConnectOptions): void {
    checkJoin(options);
    this.#wire.post({ t: "join", options });
  }

  disconnect(): void {
    this.#wire.post({ t: "leave" });
  }

  close(): void {
    this.#closed = true;
    this.#scan = undefined;
  }

  take(message: ToDevice): boolean {
    if (message.t === "radio") {
      if (!this.#closed) this.onEvent(message.event);
      return true;
    }
    if (message.t === "signal") {
      this.rssi = message.rssi;
      return true;
    }
    if (message.t !== "scan-result") return false;
    const scan = this.#scan;
    if (scan?.id === message.id) {
      this.#scan = undefined;
      scan.onComplete(message.found);
    }
    return true;
  }
}
