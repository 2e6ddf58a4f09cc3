import type { Network } from "./network";
import type { Security } from "./radio";

/** The weakest security with which a network that has a password is joined, from weak to strong. */
export type Least = "wep" | "wpa" | "wpa2" | "wpa3";

/** What a device of ours has in an access point: how hard it is to read along, and to stand in for it. */
const STRENGTH = Object.freeze(
  {
    enterprise: -1, // these two are not supported
    owe: -1,
    unknown: 0,
    open: 0,
    wep: 1,
    wpa: 2,
    "wpa-wpa2": 3, // joined with WPA2
    wpa2: 3,
    "wpa2-wpa3": 4, // joined with WPA3: ESP-IDF takes the stronger of the two
    wpa3: 4,
  } as const satisfies Record<Security, number>,
  true,
);

/** What an access point of this security is a promise of: its network is joined with no less from then on. */
const PROMISE = Object.freeze(
  {
    enterprise: undefined,
    owe: undefined,
    unknown: undefined,
    open: undefined,
    wep: "wep",
    wpa: "wpa",
    "wpa-wpa2": "wpa2",
    wpa2: "wpa2",
    "wpa2-wpa3": "wpa2", // its other access points may have WPA2 alone
    wpa3: "wpa3",
  } as const satisfies Record<Security, Least | undefined>,
  true,
);

/** Below what a network is not joined: as it was when it was saved, else WPA2, or what a person accepted. */
export function leastOf({ least, allowLegacySecurity }: Network): Least {
  return least ?? (allowLegacySecurity ? "wep" : "wpa2");
}

/**
 * Whether an access point can be this network's: the driver would refuse the rest, or join what somebody put up in its
 * place. What the scan does not name is left to the driver, which knows the floor.
 */
export function fits(network: Network, security: Security): boolean {
  if (security === "unknown") return true;
  if (network.password === undefined) return security === "open";
  return STRENGTH[security] >= STRENGTH[leastOf(network)];
}

/** How well a network is protected; where no scan has told, by what it must have at the least. */
export function protection(network: Network, security: Security | undefined): number {
  if (security !== undefined) return STRENGTH[security];
  return network.password === undefined ? 0 : STRENGTH[leastOf(network)];
}

/** The network with what this access point promises; the same one where that is nothing new. */
export function withFloor(network: Network, security: Security | undefined): Network {
  if (network.least !== undefined || network.password === undefined || security === undefined) return network;
  const least = PROMISE[security];
  return least === undefined || least === leastOf(network) ? network : { ...network, least };
}
