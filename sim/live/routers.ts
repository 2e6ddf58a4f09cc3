import { homeRouter, type Router } from "../world/router";
import type { RouterChange } from "./protocol";

/** Somebody else's device, for a filter that does not list ours. */
const OTHER_MAC = "02:00:5e:00:00:99";

export const MOST_ROUTERS = 4;

/** One change that a person made to a router. `mac`: the device's. */
export function changeRouter(router: Router, change: RouterChange, mac: string): void {
  if ("port" in change) {
    const others = router.blockedPorts.filter((port) => port !== change.port);
    router.blockedPorts = change.blocked ? [...others, change.port] : others;
  } else if ("macFilter" in change) {
    if (change.macFilter === "off") delete router.macFilter;
    else router.macFilter = change.macFilter === "admits" ? [OTHER_MAC, mac] : [OTHER_MAC];
  } else if ("channel" in change) router.channel = change.channel ?? undefined;
  else if ("security" in change) {
    router.security = change.security;
    if (change.security === "open" || change.security === "owe") delete router.password;
    else router.password ??= "correct horse";
  } else Object.assign(router, change);
}

/** Another router beside `present`: a phone's hotspot that the device has not been told. */
export function hotspot(present: readonly Router[]): Router {
  const n = present.length;
  return homeRouter({
    ssid: n === 1 ? "Hotspot" : `Hotspot ${n}`,
    bssid: `02:00:5e:00:01:0${n}`,
    channel: 1 + ((5 * n) % 13),
    rssi: -60 - 6 * n,
    password: "battery staple",
  });
}
