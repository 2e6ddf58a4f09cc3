/**
 * The device's own network in setup mode, as the rooms see it. The board supplies it beside its radio; the station
 * keeps working meanwhile, on the same channel: when it joins a router, the access point moves to the router's
 * channel and phones lose it for some seconds.
 *
 * On ESP32: WPA2-CCMP (open without `password`), /24 with a DHCP server that names `address` as router and DNS
 * server, four phones at most (wifi/esp32/radio.c); `stop` goes back to station mode without touching the station.
 */
export interface AccessPoint {
  /** Own address while open; its /24 is the subnet of the phones. */
  readonly address: string;
  /** Where DNS and HTTP are served: 53 and 80, but for simulators that may not. */
  readonly ports: { readonly dns: number; readonly http: number };
  /** What sockets know its interface by (modules/sockets); `undefined` where the board has one for everything. */
  readonly interface: string | undefined;
  /** Phones that are associated now. */
  readonly clients: number;
  /** Called in a turn of its own whenever `clients` has changed; set once, by setup mode. */
  onClients: () => void;
  /** Opens, or changes what is open. Never throws for the radio's sake. */
  start(options: AccessPointOptions): void;
  /** Closes; idempotent. */
  stop(): void;
}

export interface AccessPointOptions {
  /** 1–32 bytes of ASCII. */
  readonly ssid: string;
  /** 8–63 printable ASCII characters; absent: open. */
  readonly password?: string;
  /** 1–11: beyond, ESP-IDF wants to know the country first. */
  readonly channel: number;
  /** The address asked for, which `accessPointAddress` gives. */
  readonly address: string;
}

/**
 * The access point's address: 198.19.x.1, x of the MAC so that devices side by side differ. A range for tests
 * (RFC 2544): it is nobody's, and no private one, where Samsung's and other Androids do not look for a page. The half
 * below, 198.18.x.1, is what routers with a proxy give to names; it is taken when the station's network lies in ours.
 * `inUse`: addresses of the station's network. None of them is in the /24 of the answer, its router's least of all.
 */
export function accessPointAddress(mac: string, inUse: readonly string[] = []): string {
  const half = inUse.some((each) => each.startsWith("198.19.")) ? 18 : 19;
  let x = Number.parseInt(mac.slice(12, 14), 16) + Number.parseInt(mac.slice(15, 17), 16);
  for (;;) {
    const address = `198.${half}.${x & 0xff}.1`;
    if (!inUse.some((each) => sameSubnet(address, each))) return address;
    x++;
  }
}

/** `Aerolink-XXXXXX`, the last three bytes of the MAC. */
export function accessPointName(mac: string): string {
  return `Aerolink-${(mac.slice(9, 11) + mac.slice(12, 14) + mac.slice(15, 17)).toUpperCase()}`;
}

/** Whether two IPv4 literals lie in one /24. */
export function sameSubnet(a: string, b: string): boolean {
  const end = a.lastIndexOf(".");
  return end > 0 && end === b.lastIndexOf(".") && a.slice(0, end) === b.slice(0, end);
}
