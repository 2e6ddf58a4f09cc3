import { describe, expect, it } from "vitest";
import { AccessPointMemory } from "../../wifi/access-point-memory";
import { betterPlace, type Seen, see } from "../../wifi/candidates";
import type { Network } from "../../wifi/network";
import type { Security } from "../../wifi/radio";

const FIRST: Network = { ssid: "First", password: "correct horse" };
const HOME: Network = { ssid: "Home", password: "battery staple" };
const CAFE: Network = { ssid: "Café" };
const networks = [FIRST, HOME, CAFE];
const HELD = "02:00:00:00:00:04";
const memory = new AccessPointMemory();
memory.note(HELD, "timeout", 0);
const at = (
  network: Network,
  id: number,
  rssi: number,
  security: Security = network.password ? "wpa2" : "open",
): Seen => {
  const info = {
    ssid: network.ssid,
    ssidBytes: new Uint8Array(),
    bssid: `02:00:00:00:00:0${id}`,
    channel: 1,
  };
  return see(network, networks.indexOf(network), { ...info, rssi, security }, memory, 1)!;
};
const HERE = at(HOME, 1, -70);

function better(
  seen: readonly Seen[],
  { noInternet = false, rssi = -70 as number | "unknown", here = HERE } = {},
): string | undefined {
  const place = { here, rssi: rssi === "unknown" ? undefined : rssi, noInternet };
  return betterPlace([HERE, ...seen], place, networks)?.bssid;
}

describe("A device that is on a network moves", () => {
  it.each<[string, Seen, boolean]>([
    ["to an access point of the same network that is 10 dB stronger", at(HOME, 2, -60), true],
    ["not to one that is 9 dB stronger", at(HOME, 2, -61), false],
    ["to a network that the person put first, in good reach", at(FIRST, 2, -67), true],
    ["not to that at the end of its reach", at(FIRST, 2, -68), false],
    ["not to one that the person put behind", at(CAFE, 2, -30), false],
  ])("%s", (_, other, moves) => {
    expect(better([other])).toBe(moves ? other.bssid : undefined);
  });

  it("not by strength where it does not know its own", () => {
    expect(better([at(HOME, 2, -40)], { rssi: "unknown" })).toBeUndefined();
  });

  it("not to what has something held against it", () => {
    expect(better([at(HOME, 4, -40)])).toBeUndefined();
    expect(better([at(HOME, 4, -40)], { noInternet: true })).toBeUndefined();
  });

  it("from a network that leads nowhere to any other of its own security, the best of them", () => {
    expect(better([at(FIRST, 2, -85), at(HOME, 3, -72)], { noInternet: true })).toBe("02:00:00:00:00:03");
    expect(better([], { noInternet: true })).toBeUndefined();
  });

  it("never to one that is less protected: whoever cuts the line gains nothing", () => {
    expect(better([at(CAFE, 2, -30)], { noInternet: true })).toBeUndefined();
    const here = at(HOME, 1, -70, "wpa3");
    expect(better([at(HOME, 2, -30)], { here, noInternet: true })).toBeUndefined();
    expect(better([at(HOME, 2, -30, "wpa3")], { here, noInternet: true })).toBe("02:00:00:00:00:02");
  });
});
