import type { Network } from "./network";
import type { Security } from "./radio";

/** A security with which a network that has a password is joined: 1 WEP, 2 WPA, 3 WPA2, 4 WPA3. */
export type Least = 1 | 2 | 3 | 4;

/** WEP and WPA are broken: between them and an open network there is little to choose, from here on there is. */
export const SOUND = 3;

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

/** Below what a network is not joined: as it was when it was saved, else WPA2, or what a person accepted. */
export function leastOf({ least, allowLegacySecurity }: Network): Least {
  return least ?? (allowLegacySecurity ? 1 : SOUND);
}

/**
 * Whether an access point can be this network's: the driver would refuse the rest, or join what somebody put up in its
 * place. What the scan does not name is left to the driver, which knows the floor.
 */
export function fits(network: Network, security: Security): boolean {
  if (security === "unknown") return true;
  if (network.password === undefined) return security === "open";
  return STRENGTH[security] >= leastOf(network);
}

/** How well a network is protected; where no scan has told, by what it must have at the least. */
export function protection(network: Network, security: Security | undefined): number {
  if (security !== undefined) return STRENGTH[security];
  return network.password === undefined ? 0 : leastOf(network);
}

/**
 * The network with the floor that this access point promises; the same one where that is nothing new. (One with WPA2 and
 * WPA3 may have neighbours with WPA2 alone.)
 */
export function withFloor(network: Network, security: Security | undefined): Network {
  if (network.least !== undefined || network.password === undefined || security === undefined) return network;
  const promised = security === "wpa2-wpa3" ? SOUND : STRENGTH[security];
  return promised <= leastOf(network) ? network : { ...network, least: promised as Least };
}
