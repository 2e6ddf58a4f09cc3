import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import type { Network } from "../../wifi/network";
import { WiFiStation } from "../../wifi/station";
import { accessPoint, FakeRadio } from "../support/fake-radio";
import { fuzz } from "../support/volume";

const NETWORKS: Network[] = [
  { ssid: "Home", password: "correct horse" },
  { ssid: "Café" },
  { ssid: "Attic", password: "under the roof", hidden: true },
  { ssid: "Office", password: "battery staple" },
];
const SIGHTS = [
  [],
  [accessPoint("Home", { id: 1 }), accessPoint("Home", { id: 2, rssi: -70 })],
  [accessPoint("", { id: 5 }), accessPoint("Café", { id: 3, security: "open" })],
  [
    accessPoint("Attic", { id: 4 }),
    accessPoint(undefined, { id: 6 }),
    accessPoint("Office", { id: 7, rssi: -30 }),
  ],
];

/** What callbacks told: an address, and not yet its loss. */
interface World {
  addressed: boolean;
}
type Act = (station: WiFiStation, radio: FakeRadio, world: World) => void;

const noResult = (): void => {};
const subset = fc.subarray(NETWORKS);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...SIGHTS).map(
      (sight): Act =>
        (_, radio) =>
          radio.found(...sight),
    ),
  },
  { weight: 4, arbitrary: fc.constant<Act>((_, radio) => radio.associated()) },
  {
    weight: 4,
    arbitrary: fc.constantFrom("192.0.2.7", "192.0.2.8").map(
      (ip): Act =>
        (_, radio) =>
          radio.address(ip),
    ),
  },
  fc.constantFrom(0, 1, 2, 8, 15, 99, 200, 201, 202, 207).map(
    (number): Act =>
      (_, radio) =>
        radio.disconnected(number),
  ),
  fc.constant<Act>((_, radio) => radio.addressLost()),
  fc.constant<Act>((_, radio) => radio.associated("02:00:00:00:00:ee", 3)),
  fc.constantFrom(1, 999, 1_000, 15_000, 60_000, 400_000).map(
    (ms): Act =>
      () =>
        vi.advanceTimersByTime(ms),
  ),
  subset.map(
    (networks): Act =>
      (station) => {
        station.networks = networks;
      },
  ),
  fc.constantFrom(...NETWORKS).map(
    (network): Act =>
      (station) =>
        station.joinOnce(network, noResult),
  ),
  {
    weight: 4,
    arbitrary: fc.constantFrom(...SIGHTS).map(
      (sight): Act =>
        (_, radio) => {
          radio.found(...sight);
          radio.associated();
          radio.address();
        },
    ),
  },
  fc.constant<Act>((station) => station.reject("captive-portal")),
  fc.constant<Act>((station) => station.cloudReached()),
  fc.constantFrom(undefined, -30, -70, -90).map(
    (rssi): Act =>
      (_, radio) => {
        radio.rssi = rssi;
      },
  ),
  fc.constant<Act>((station) => station.noInternet()),
  fc.constant<Act>((station, _, world) => {
    station.stop();
    world.addressed = false;
    station.start();
  }),
);

describe("WiFiStation in a storm of events", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("never throws, never hangs, and uses the radio as its contract says", () => {
    fc.assert(
      fc.property(subset, fc.array(act, { maxLength: 40 }), fc.boolean(), (networks, acts, answering) => {
        const radio = new FakeRadio();
        vi.clearAllTimers();
        const world: World = { addressed: false };
        const station = new WiFiStation({
          log: silentLogger,
          radio,
          networks,
          uptimeMs: () => performance.now(),
          random: () => 0.5,
          onAddress: () => {
            world.addressed = true;
          },
          onLost: () => {
            if (!world.addressed) expect.fail("lost what was never there");
            world.addressed = false;
          },
          onRoundFailed: (failures) => {
            if (failures.length !== station.networks.length) expect.fail("a round of other networks");
            // What happens inside a callback must do no harm either.
            if (answering) station.networks = [...station.networks];
          },
        });
        station.start();
        for (const each of acts) {
          each(station, radio, world);
          expect(world.addressed).toBe(station.state === "online");
          expect(radio.misuses).toEqual([]);
          expect(station.at !== undefined).toBe(station.state === "online");
          if (station.state === "idle") expect(station.networks).toEqual([]);
          else if (station.state !== "online" && station.state !== "stopped")
            expect(vi.getTimerCount()).toBe(1);
        }
        // From wherever the storm left it, it gets online when its network is there.
        station.networks = [NETWORKS[0]!];
        for (let i = 0; i < 2_000 && station.state !== "online"; i++) {
          if (radio.scanning) radio.found(...SIGHTS[1]!);
          else if (station.state === "associating") radio.associated();
          else if (station.state === "addressing") radio.address();
          else vi.advanceTimersByTime(1_000);
        }
        expect(station.state).toBe("online");
        station.close();
        expect(vi.getTimerCount()).toBe(0);
      }),
      fuzz(),
    );
  });
});
