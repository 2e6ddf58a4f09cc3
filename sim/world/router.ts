import type { Security } from "../../wifi/radio";

/** The ports that the application note asks an IT department to open, with their protocol. */
export const OUTBOUND_PORTS = { 53: "DNS", 123: "SNTP", 443: "HTTPS", 8883: "MQTT" } as const;
export type OutboundPort = keyof typeof OUTBOUND_PORTS;

/** A Wi-Fi router (or hotspot) in the room. Plain fields: the room reads them at every step, so a change acts at once. */
export interface Router {
  ssid: string;
  bssid: string;
  /** 2.4 GHz channel; `undefined`: 5 GHz only, which the board's radio cannot hear. */
  channel: number | undefined;
  /** dBm at the board. */
  rssi: number;
  security: Security;
  password?: string;
  hidden?: boolean;
  on: boolean;
  /** MACs that may join; absent: all. */
  macFilter?: readonly string[];
  /** Hands out addresses. */
  dhcp: boolean;
  /** How long that takes, ms, as behind a switch that holds its port back; absent: a moment. */
  dhcpMs?: number;
  /** A guest network: until somebody signs in, every TLS opening meets the sign-in page's own certificate. */
  signInPage?: boolean;
  /** The cable to the internet; of a repeater, its link to what it repeats. */
  internet: boolean;
  /**
   * It has no line of its own and hands out no addresses: it forwards to the strongest other access point of its name
   * and password. Its beacon goes on without one.
   */
  repeats?: boolean;
  /** Outbound ports that the firewall drops. */
  blockedPorts: OutboundPort[];
}

/** A home router as most are: WPA2, everything open. */
export function homeRouter(changes: Partial<Router> = {}): Router {
  return {
    ssid: "Home",
    bssid: "02:00:5e:00:00:01",
    channel: 6,
    rssi: -52,
    security: "wpa2",
    password: "correct horse",
    on: true,
    dhcp: true,
    internet: true,
    blockedPorts: [],
    ...changes,
  };
}
