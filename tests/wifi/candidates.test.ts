import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessPointMemory } from "../../wifi/access-point-memory";
import { planRound, type Seen, see } from "../../wifi/candidates";
import type { Network } from "../../wifi/network";
import type { Security } from "../../wifi/radio";
import { fuzz } from "../support/volume";

const HOME: Network = { ssid: "Home", password: "correct horse" };
const OFFICE: Network = { ssid: "Office", password: "battery staple" };
const CAFE: Network = { ssid: "Café" };
const bssid = (id: number): string => `02:00:00:00:00:${id.toString(16).padStart(2, "0")}`;
/** What a scan finds, of one of our networks. */
type Found = readonly [network: Network, id: number, rssi: number, security: Security];
const seen = (
  network: Network,
  id: number,
  rssi = -60,
  security: Security = network.password ? "wpa2" : "open",
): Found => [network, id, rssi, security];

/** The ids of a round's plan. */
function plan(
  all: readonly Found[],
  { turn = 0, networks = [HOME, OFFICE, CAFE], held = [] as number[] } = {},
): number[] {
  const memory = new AccessPointMemory();
  for (const [at, id] of held.entries()) memory.note(bssid(id), "rejected", at * 1_000);
  const candidates = all.map(
    ([network, id, rssi, security]) =>
      see(
        network,
        networks.indexOf(network),
        { ssid: network.ssid, ssidBytes: new Uint8Array(), bssid: bssid(id), channel: 1, rssi, security },
        memory,
        60_000,
      )!,
  );
  return planRound(candidates satisfies Seen[], turn).map((each) =>
    Number.parseInt(each.bssid!.slice(-2), 16),
  );
}

describe("The order of candidates", () => {
  it.each<[string, Found[], number[]]>([
    ["sound security before none, however strong", [seen(CAFE, 1, -30), seen(HOME, 2, -85)], []],
    ["what has nothing held against it", [seen(HOME, 1, -40), seen(HOME, 2, -80)], [1]],
    [
      "of two that have, the one whose misdeed is longer past",
      [seen(HOME, 1, -40), seen(HOME, 2, -80)],
      [2, 1],
    ],
    ["the stronger of two weak ones", [seen(HOME, 1, -80), seen(OFFICE, 2, -70)], []],
    ["of two that are strong enough, the person's first", [seen(OFFICE, 1, -40), seen(HOME, 2, -65)], []],
    ["the stronger of two nodes of one network", [seen(HOME, 1, -60), seen(HOME, 2, -50)], []],
    [
      "WPA2 before WPA",
      [seen({ ...OFFICE, allowLegacySecurity: true }, 1, -30, "wpa"), seen(HOME, 2, -80)],
      [],
    ],
  ])("puts first %s", (_, all, held) => {
    const networks = [HOME, ...new Set(all.map(([network]) => network))];
    expect(plan(all, { networks, held })[0]).toBe(2);
    expect(plan(all.slice().reverse(), { networks, held })[0]).toBe(2);
  });

  it("makes no difference between WPA2 and WPA3: the person's order does", () => {
    expect(plan([seen(OFFICE, 1, -40, "wpa3"), seen(HOME, 2, -50)]).slice(0, 2)).toEqual([2, 1]);
  });

  it("is the best of each network, then one more of each by turns", () => {
    const all = [seen(HOME, 1, -40), seen(HOME, 2, -50), seen(HOME, 3, -60), seen(OFFICE, 4, -70)];
    expect([0, 1, 2, 3].map((turn) => plan(all, { turn }))).toEqual([
      [1, 4, 2, 4],
      [1, 4, 2, 4],
      [1, 4, 3, 4],
      [1, 4, 2, 4],
    ]);
  });

  it("gives every access point its turn within as many rounds as there are, whatever is remembered", () => {
    const air = fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(air, fc.array(fc.nat(255), { maxLength: 20 }), fc.nat(1000), (ids, held, first) => {
        const all = ids.map((id) => seen(HOME, id, -30 - (id % 60)));
        const tried = new Set(ids.flatMap((_, round) => plan(all, { turn: first + round, held })));
        return tried.size === ids.length;
      }),
      fuzz(500),
    );
  });
});
