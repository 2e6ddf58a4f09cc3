/** What `radio.c` tells; the order of arguments is radio-xs.c's. */
export type DriverEvent = "associated" | "disconnected" | "address" | "address-lost" | "scanned" | "phones";

/**
 * `attempt`: what `connect` returned last when it happened. `number`: channel of "associated", wifi_err_reason_t of
 * "disconnected". `rssi`: dBm, of "disconnected"; 0 where the driver does not know. Called in a turn of its own.
 */
export type OnDriverEvent = (
  event: DriverEvent,
  attempt: number,
  number: number,
  rssi: number,
  bssid: string,
) => void;

/** The Wi-Fi driver of ESP-IDF (radio.h). One open at a time; a closed one throws when used. */
export default class RadioDriver {
  /** Starts the driver in station mode; throws when it does not start. `hostname`: 1–32 bytes, told to DHCP servers. */
  constructor(hostname: string, onEvent: OnDriverEvent);
  /** Station MAC address, "aa:bb:cc:dd:ee:ff"; known before the driver is open. */
  static mac(): string;
  close(): void;
  /**
   * `password` "" is an open network, `channel` 0 all of them; `least`: 1 WEP, 2 WPA, 3 WPA2, 4 WPA3.
   * @returns the attempt's number; 0: the driver refuses, no event follows
   */
  connect(
    ssid: string,
    password: string,
    bssid: Uint8Array | undefined,
    channel: number,
    least: number,
  ): number;
  disconnect(): void;
  /** Own address, router, and two name servers, "" where there is none; `undefined` without an address. */
  lease(): string[] | undefined;
  /** Of the access point that the station is on, dBm; 0 where there is none. */
  rssi(): number;
  /** `ssid` "" and `channel` 0: all. False: refused; no event follows. */
  scan(ssid: string, channel: number): boolean;
  /** The next access point of the last scan, strongest first, as `found.ts` reads it. */
  nextFound(): ArrayBuffer | undefined;
  /** Frees what `nextFound` has not fetched. */
  forgetFound(): void;
  /** Opens the access point, or changes it. `password` "": open. `address`: a.b.c.1, of a /24. False: refused. */
  openAccessPoint(ssid: string, password: string, channel: number, address: string): boolean;
  closeAccessPoint(): void;
  /** How many phones are associated. */
  phones(): number;
}
