import type { Network } from "../../wifi/network";
import type { Sight } from "../world/led-observer";
import { homeRouter, type OutboundPort, type Router } from "../world/router";

/** A scene of the application note: what stands in the room, what the device was told, and what must come of it. */
export interface Scenario {
  readonly name: string;
  /** One line for a person. */
  readonly title: string;
  /** Question of the application note's FAQ that it answers. */
  readonly faq?: 1 | 2;
  routers(mac: string): Router[];
  readonly networks: readonly Network[];
  /** Where the light must end. */
  readonly ends: Sight;
  /** What the firmware's log must name; absent when nothing is wrong. */
  readonly reason?: string;
}

/** What the device was told in every scene but the guest network's. */
export const HOME: Network = { ssid: "Home", password: "correct horse" };

const firewall = (port: OutboundPort): Router[] => [homeRouter({ blockedPorts: [port] })];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "setup",
    title: "A new device: setup mode, waiting for a phone.",
    routers: () => [homeRouter()],
    networks: [],
    ends: "pulse yellow",
  },
  {
    name: "success",
    title: "A home network, the right password: solid blue.",
    routers: () => [homeRouter()],
    networks: [HOME],
    ends: "solid blue",
  },
  {
    name: "wrong-password",
    title: "The saved password is not the router's.",
    faq: 1,
    routers: () => [homeRouter({ password: "battery staple" })],
    networks: [HOME],
    ends: "solid white",
    reason: "wrong-password",
  },
  {
    name: "5ghz-only",
    title: "The router sends on 5 GHz only, which the board cannot hear.",
    faq: 1,
    routers: () => [homeRouter({ channel: undefined })],
    networks: [HOME],
    ends: "solid white",
    reason: "not-found",
  },
  {
    name: "mac-filter",
    title: "The router admits only listed MAC addresses, and the device's is not listed.",
    faq: 1,
    routers: () => [homeRouter({ macFilter: ["02:00:5e:00:00:99"] })],
    networks: [HOME],
    ends: "solid white",
    reason: "rejected",
  },
  {
    name: "enterprise",
    title: "The router asks for WPA2-Enterprise, which is not supported.",
    faq: 1,
    routers: () => [homeRouter({ security: "enterprise" })],
    networks: [HOME],
    ends: "solid white",
    reason: "unsupported-security",
  },
  {
    name: "guest-network",
    title: "A guest network with a sign-in page.",
    faq: 1,
    routers: () => [homeRouter({ ssid: "Guest", security: "open", signInPage: true })].map(withoutPassword),
    networks: [{ ssid: "Guest" }],
    ends: "solid white",
    reason: "captive-portal",
  },
  {
    name: "ipv6-only",
    title: "The router hands out no IPv4 address: IPv6 alone is not supported.",
    routers: () => [homeRouter({ dhcp: false })],
    networks: [HOME],
    ends: "solid white",
    reason: "no-address",
  },
  {
    name: "hotspot",
    title: "A smartphone's hotspot or a cellular modem: a network as any other.",
    routers: () => [homeRouter({ ssid: "Kim's phone", channel: 1, rssi: -44 })],
    networks: [{ ...HOME, ssid: "Kim's phone" }],
    ends: "solid blue",
  },
  {
    name: "wpa-tkip",
    title: "An old router with WPA-TKIP, which a person has allowed.",
    routers: () => [homeRouter({ security: "wpa" })],
    networks: [{ ...HOME, allowLegacySecurity: true }],
    ends: "solid blue",
  },
  {
    name: "wep",
    title: "An older one yet with WEP, which a person has allowed.",
    routers: () => [homeRouter({ security: "wep" })],
    networks: [{ ...HOME, allowLegacySecurity: true }],
    ends: "solid blue",
  },
  {
    name: "mac-listed",
    title: "The router admits only listed MAC addresses, and the device's is listed.",
    routers: (mac) => [homeRouter({ macFilter: ["02:00:5e:00:00:99", mac] })],
    networks: [HOME],
    ends: "solid blue",
  },
  {
    name: "no-internet",
    title: "The router works, its internet does not.",
    faq: 2,
    routers: () => [homeRouter({ internet: false })],
    networks: [HOME],
    ends: "pulse blue",
    reason: "no-internet",
  },
  {
    name: "firewall-53",
    title: "A firewall drops DNS (53/UDP).",
    faq: 2,
    routers: () => firewall(53),
    networks: [HOME],
    ends: "pulse blue",
    reason: "dns-blocked",
  },
  {
    name: "firewall-123",
    title: "A firewall drops SNTP (123/UDP): the clock is estimated, and it says so.",
    faq: 2,
    routers: () => firewall(123),
    networks: [HOME],
    ends: "solid blue",
    reason: "sntp-blocked",
  },
  {
    name: "firewall-443",
    title: "A firewall drops HTTPS (443/TCP): readings pass, nothing to tell.",
    faq: 2,
    routers: () => firewall(443),
    networks: [HOME],
    ends: "solid blue",
  },
  {
    name: "firewall-8883",
    title: "A firewall drops MQTT (8883/TCP).",
    faq: 2,
    routers: () => firewall(8883),
    networks: [HOME],
    ends: "pulse blue",
    reason: "firewall-8883",
  },
];

export function findScenario(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}

function withoutPassword(router: Router): Router {
  delete router.password;
  return router;
}
