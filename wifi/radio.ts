import type { Least } from "./security";

/**
 * The Wi-Fi radio as the station sees it. On hardware: `wifi/esp32`, over ESP-IDF's driver itself, since the SDK's
 * modules leave out reason codes, RSSI and security. In the simulator: a simulated radio.
 * One instance a chip. Callbacks never run inside a call of the radio.
 */
export interface Radio {
  /** Station MAC address, "aa:bb:cc:dd:ee:ff". */
  readonly mac: string;
  /** Strength of the joined access point, dBm; absent where the platform does not tell. */
  readonly rssi?: number | undefined;
  /**
   * Looks for access points on all 2.4 GHz channels, or on `channel`; `ssid` probes for a hidden one. Results
   * arrive once, at the end; a failed scan gives an empty list. One scan at a time; it must not run while associating.
   */
  scan(options: { ssid?: string; channel?: number }, onComplete: (found: AccessPointInfo[]) => void): void;
  /** Starts to associate. Ends in `associated` or `disconnected`; a new call replaces a running one. */
  connect(options: RadioConnectOptions): void;
  /** Leaves the network or stops trying. A `disconnected` event with reason 8 (ASSOC_LEAVE) may follow. */
  disconnect(): void;
  /** Where events go; one listener, set once by the station. */
  onEvent: (event: RadioEvent) => void;
  close(): void;
}

export interface RadioConnectOptions {
  readonly ssid: string;
  /** Absent: open network. 8–63 printable ASCII characters or 64 hex digits. */
  readonly password?: string;
  /** "aa:bb:cc:dd:ee:ff": only this access point. */
  readonly bssid?: string;
  /** 1–13: look on this channel first (fast rejoin). */
  readonly channel?: number;
  /** Nothing weaker is joined; absent: WPA2. */
  readonly least?: Least;
}

/** Security of an access point, from its beacon. */
export type Security =
  | "open"
  | "wep"
  | "wpa"
  | "wpa2"
  | "wpa-wpa2"
  | "wpa3"
  | "wpa2-wpa3"
  | "enterprise"
  | "owe"
  | "unknown";

export interface AccessPointInfo {
  /** Empty for a hidden network. `undefined` when its bytes are not UTF-8: then only `ssidBytes` tells. */
  readonly ssid: string | undefined;
  readonly ssidBytes: Uint8Array;
  readonly bssid: string;
  readonly channel: number;
  /** dBm */
  readonly rssi: number;
  readonly security: Security;
}

export type RadioEvent =
  /** Associated and authenticated; no address yet. */
  | { readonly type: "associated"; readonly bssid: string; readonly channel: number }
  /** An IPv4 address was got or renewed. */
  | {
      readonly type: "address";
      readonly address: string;
      readonly gateway: string;
      readonly dns: readonly string[];
    }
  /** The lease ran out. */
  | { readonly type: "address-lost" }
  /** Not or no longer associated; `reason` is ESP-IDF's wifi_err_reason_t number. */
  | { readonly type: "disconnected"; readonly reason: number; readonly rssi?: number };
