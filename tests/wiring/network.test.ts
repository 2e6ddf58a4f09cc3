import { describe, expect, it } from "vitest";
import { OPEN } from "../../provisioning/setup-mode";
import type { Network } from "../../wifi/network";
import { SetupWires, StationWires } from "../../wiring/network";
import { recordedParts } from "../support/recorded-parts";
import { savedNetworks } from "../support/saved-networks";

const AT = {
  ssid: "Home",
  bssid: "02:00:5e:00:00:01",
  channel: 6,
  address: "192.0.2.7",
  gateway: "192.0.2.1",
  dns: ["192.0.2.1"],
};

describe("The station", () => {
  it("with an address brings its name servers first, then the time, then the status", () => {
    const { parts, calls } = recordedParts();
    new StationWires(parts).onAddress(AT);
    expect(calls).toEqual([
      "dns.flush()",
      'nameServers = ["192.0.2.1"]',
      "timeSync.start()",
      "monitor.addressGot()",
      `setup.addressGot(${JSON.stringify(AT)})`,
    ]);
  });

  it("without one ends the time sync and tells status and setup mode", () => {
    const { parts, calls } = recordedParts();
    new StationWires(parts).onLost();
    expect(calls).toEqual(["timeSync.stop()", "monitor.networkLost()", "setup.networkLost()"]);
  });

  it("counts why each network of a failed round was not joined", () => {
    const { parts, calls } = recordedParts();
    const failed = [
      { ssid: "x", reason: "rejected", number: 5, name: "ASSOC_TOOMANY", uptimeMs: 1 },
      { ssid: "y", reason: "not-found", uptimeMs: 1 },
    ] as const;
    new StationWires(parts).onRoundFailed(failed);
    expect(calls).toEqual([
      'failures.count("rejected", "ASSOC_TOOMANY")',
      'failures.count("not-found", undefined)',
      "monitor.roundFailed()",
    ]);
  });

  it("has another list of networks at once, and without one setup mode begins", () => {
    const networks = { list: [{ ssid: "Home" }] as { ssid: string }[] };
    const { parts, calls } = recordedParts({ networks });
    new StationWires(parts).onNetworks();
    networks.list = [];
    new StationWires(parts).onNetworks();
    expect(calls).toEqual([
      'station.networks = [{"ssid":"Home"}]',
      "station.networks = []",
      "monitor.setupRequested()",
    ]);
  });

  it("that learns of one network what it promises brings none back that was forgotten a moment before", () => {
    const networks = savedNetworks([
      { ssid: "Home", password: "correct horse" },
      { ssid: "Office", password: "battery staple" },
    ]);
    const { parts } = recordedParts({ networks });
    const [home, office] = networks.list as [Network, Network];
    networks.forget("Home");
    new StationWires(parts).onLearned(office, { ...office, least: 4 });
    new StationWires(parts).onLearned(home, { ...home, least: 4 });
    expect(networks.list).toEqual([{ ...office, least: 4 }]);
  });
});

describe("Setup mode", () => {
  it.each([
    ["pausing", ["timeKeeper.forget()", "timeSync.start()"]],
    ["idle", ["timeKeeper.forget()"]],
  ])("has the time forgotten, and asked for anew where it is asked for (%s)", (state, expected) => {
    const { parts, calls } = recordedParts({ timeSync: { state } });
    new SetupWires(parts).forgetTime();
    expect(calls).toEqual(expected);
  });

  const password = (identity: unknown): string =>
    new SetupWires(recordedParts({ identity }).parts).password();

  it("asks for the label's password", () => {
    expect(password({ setupPassword: "kx7mq2pd" })).toBe("kx7mq2pd");
  });

  it("is open where no identity knows a password", () => {
    expect(password("missing")).toBe(OPEN);
  });
});
