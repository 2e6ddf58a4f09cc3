import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Logger } from "../../modules/base/logger";
import { silentLogger } from "../../modules/base/logger";
import { ADDRESS_MS, ASSOCIATE_MS, LEAVE_MS } from "../../wifi/connection";
import { MARK_MS } from "../../wifi/failure-log";
import type { Network } from "../../wifi/network";
import type { AccessPointInfo } from "../../wifi/radio";
import { LEAST_PAUSE_MS, MOST_PAUSE_MS, SCAN_MS } from "../../wifi/rounds";
import { LOOK_MS, WiFiStation, YIELD_MS } from "../../wifi/station";
import type { StationOptions } from "../../wifi/station-options";
import { accessPoint, FakeRadio } from "../support/fake-radio";

/** Between rounds, with a random number of a half. */
const PAUSE_MS = (LEAST_PAUSE_MS + MOST_PAUSE_MS) / 2;
const HOME: Network = { ssid: "Home", password: "correct horse" };
const CAFE: Network = { ssid: "Café" };
const OFFICE: Network = { ssid: "Office", password: "battery staple" };
const ATTIC: Network = { ssid: "Attic", password: "under the roof", hidden: true };
const HOME_AP = accessPoint("Home", { id: 1, channel: 6 });

describe("WiFiStation", () => {
  let radio: FakeRadio;
  let events: string[];
  const stations: WiFiStation[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    radio = new FakeRadio();
    events = [];
  });
  afterEach(() => {
    for (const station of stations.splice(0)) station.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(radio.misuses).toEqual([]);
    vi.useRealTimers();
  });

  const create = (networks: Network[], options: Partial<StationOptions> = {}) => {
    const station = new WiFiStation({
      log: silentLogger,
      radio,
      networks,
      uptimeMs: () => performance.now(),
      random: () => 0.5,
      onAddress: (at) => events.push(`address ${at.address} of ${at.ssid}`),
      onLost: (reason) => events.push(`lost: ${reason}`),
      onGood: (good) => events.push(`good ${good.bssid}/${good.channel}`),
      onRoundFailed: (failures) => events.push(`failed: ${failures.map((each) => each.reason).join(" ")}`),
      onRadioStuck: () => events.push("stuck"),
      onLearned: (_, learned) => events.push(`learned ${learned.least}`),
      ...options,
    });
    stations.push(station);
    return station;
  };
  const started = (networks: Network[], options: Partial<StationOptions> = {}) => {
    const station = create(networks, options);
    station.start();
    return station;
  };
  /** Joins the network that the radio was last told to. */
  const join = (address?: string) => {
    radio.associated();
    radio.address(address);
  };
  const online = (options: Partial<StationOptions> = {}, networks = [HOME]) => {
    const station = started(networks, options);
    radio.found(HOME_AP);
    join();
    events.length = 0;
    return station;
  };
  const wait = (ms: number) => vi.advanceTimersByTime(ms);

  describe("looking around for a person", () => {
    const found: (readonly AccessPointInfo[])[] = [];
    const look = (station: WiFiStation) => station.survey((each) => found.push(each));
    beforeEach(() => {
      found.length = 0;
    });

    it("scans once while stopped, and says what there is", () => {
      const station = create([HOME]);
      expect(look(station)).toBe(true);
      expect(radio.scans).toEqual([{}]);
      radio.found(HOME_AP);
      radio.found(HOME_AP);
      expect(found).toEqual([[HOME_AP]]);
      expect([station.state, radio.connects]).toEqual(["stopped", []]);
    });

    it("shares the scan of a round, and a join begun meanwhile waits for it", () => {
      const station = started([HOME]);
      look(station);
      expect(radio.scans).toHaveLength(1);
      radio.found(HOME_AP);
      expect(found).toEqual([[HOME_AP]]);
      expect(station.state).toBe("associating");
      expect(look(station)).toBe(false);
      station.stop();
      look(station);
      station.joinOnce(CAFE, () => {});
      expect(radio.scans).toHaveLength(2);
      radio.found(accessPoint("Café", { security: "open" }));
      expect(found).toHaveLength(2);
      expect(radio.lastConnect?.ssid).toBe("Café");
      expect(radio.misuses).toEqual([]);
    });

    it("gives up on a radio that does not answer, and can look again", () => {
      const station = create([HOME]);
      look(station);
      wait(15_000);
      expect(found).toEqual([[]]);
      look(station);
      expect(radio.scans).toHaveLength(2);
      station.close();
      radio.found(HOME_AP);
      wait(60_000);
      expect(found).toHaveLength(1);
      expect(look(station)).toBe(false);
    });
  });

  describe("joining", () => {
    it("does nothing before it is started, and nothing without a network", () => {
      const station = create([]);
      expect(station.state).toBe("stopped");
      station.start();
      expect(station.state).toBe("idle");
      wait(3_600_000);
      expect([radio.scans, radio.connects, events]).toEqual([[], [], []]);
    });

    it("scans, connects to the strongest access point, and reports the address", () => {
      const station = started([HOME]);
      expect(station.state).toBe("scanning");
      radio.found(
        accessPoint("Home", { id: 3, rssi: -80 }),
        accessPoint("Home", { id: 2, rssi: -50, channel: 11 }),
      );
      expect(station.state).toBe("associating");
      expect(radio.connects).toEqual([
        { ssid: "Home", password: "correct horse", bssid: "02:00:00:00:00:02", channel: 11 },
      ]);
      radio.associated();
      expect(station.state).toBe("addressing");
      radio.address();
      expect(station.state).toBe("online");
      expect(events).toEqual(["address 192.0.2.7 of Home"]);
      station.cloudReached();
      expect(events.at(-1)).toBe("good 02:00:00:00:00:02/11");
      expect(station.at).toMatchObject({
        ssid: "Home",
        channel: 11,
        gateway: "192.0.2.1",
        dns: ["192.0.2.1"],
      });
    });

    it("tries the last good access point without a scan", () => {
      const lastGood = { ssid: "Home", bssid: "02:00:00:00:00:01", channel: 6 };
      const station = started([CAFE, HOME], { lastGood });
      expect(radio.scans).toEqual([]);
      expect(radio.connects).toEqual([{ ...HOME, bssid: lastGood.bssid, channel: 6 }]);
      join();
      expect(station.state).toBe("online");
    });

    it("scans when the last good access point is not there", () => {
      started([HOME], { lastGood: { ssid: "Home", bssid: "02:00:00:00:00:09", channel: 3 } });
      radio.disconnected(201);
      radio.found(HOME_AP);
      expect(radio.lastConnect).toMatchObject({ bssid: HOME_AP.bssid });
      join();
      expect(events.at(-1)).toBe("address 192.0.2.7 of Home");
    });

    it("ignores a last good access point of a network that is not saved any more", () => {
      started([CAFE], { lastGood: { ssid: "Home", bssid: "02:00:00:00:00:01", channel: 6 } });
      expect([radio.connects.length, radio.scans.length]).toEqual([0, 1]);
    });

    it("tries four networks: those with a good signal in their saved order, then the strongest first", () => {
      const attic = { ...ATTIC, hidden: false };
      started([HOME, CAFE, OFFICE, attic]);
      radio.found(
        accessPoint("Home", { id: 1, rssi: -70 }),
        accessPoint("Attic", { id: 2, rssi: -40 }),
        accessPoint("Café", { id: 3, rssi: -90, security: "open" }),
        accessPoint("Neighbour", { id: 4, rssi: -20 }),
        accessPoint("Office", { id: 5, rssi: -60 }),
        accessPoint(undefined, { id: 6, rssi: -10 }),
      );
      radio.disconnected(15);
      radio.disconnected(203);
      radio.disconnected(2);
      radio.disconnected(201);
      expect(radio.connects.map((each) => each.ssid)).toEqual(["Office", "Attic", "Home", "Café"]);
      expect(events).toEqual(["failed: timeout not-found wrong-password rejected"]);
    });

    it("gives a network whose access point refused a second one, after the others", () => {
      const station = started([HOME, OFFICE]);
      radio.found(
        accessPoint("Home", { id: 1, rssi: -40 }),
        accessPoint("Home", { id: 2, rssi: -50 }),
        accessPoint("Home", { id: 3, rssi: -60 }),
        accessPoint("Office", { id: 4, rssi: -70 }),
      );
      radio.disconnected(5);
      radio.disconnected(15);
      expect(radio.lastConnect).toMatchObject({ ssid: "Home", bssid: "02:00:00:00:00:02" });
      radio.disconnected(5);
      expect(radio.connects).toHaveLength(3);
      expect(station.state).toBe("waiting");
      expect(events).toEqual(["failed: rejected wrong-password"]);
    });

    it("reports the later of two failures that tell as much, and the certain one of two that do not", () => {
      started([HOME]);
      const both = [accessPoint("Home", { id: 1, rssi: -40 }), accessPoint("Home", { id: 2 })];
      for (const numbers of [
        [2, 77],
        [203, 77],
      ] as const) {
        radio.found(...both);
        for (const number of numbers) radio.disconnected(number);
        wait(PAUSE_MS);
      }
      expect(events).toEqual(["failed: unknown", "failed: rejected"]);
    });

    it("tries a second access point of the name whatever the first one said: it may be another's", () => {
      for (const number of [15, 2, 77, 203, 211]) {
        const station = started([HOME]);
        radio.found(accessPoint("Home", { id: 1, rssi: -40 }), accessPoint("Home", { id: 2 }));
        radio.disconnected(number);
        expect(radio.lastConnect).toMatchObject({ bssid: "02:00:00:00:00:02" });
        join();
        expect(station.state).toBe("online");
        station.close();
      }
    });

    it("probes for a hidden network by its name", () => {
      started([HOME, ATTIC]);
      radio.found(accessPoint("Home", { rssi: -75 }));
      expect(radio.scans).toEqual([{}, { ssid: "Attic" }]);
      radio.found(accessPoint("Attic", { id: 7, rssi: -30 }));
      expect(radio.lastConnect).toMatchObject({ ssid: "Attic", bssid: "02:00:00:00:00:07" });
    });

    it("probes for every missing network when some access point hides its name", () => {
      started([HOME, CAFE]);
      radio.found(accessPoint("", { id: 8 }), HOME_AP);
      expect(radio.scans).toEqual([{}, { ssid: "Café" }]);
      radio.found();
      expect(radio.lastConnect?.ssid).toBe("Home");
    });

    it("passes on the choice of legacy security", () => {
      started([{ ssid: "Home", password: "abcde", allowLegacySecurity: true }]);
      radio.found(accessPoint("Home", { security: "wep" }));
      expect(radio.lastConnect).toMatchObject({ least: 1 });
    });

    it("refuses more than four networks", () => {
      expect(() => create([HOME, HOME, HOME, HOME, HOME])).toThrow(RangeError);
    });
  });

  describe("failing", () => {
    it("gives up associating after exactly 15 s, and waits for the radio to let go", () => {
      const station = started([HOME]);
      radio.found(HOME_AP);
      wait(ASSOCIATE_MS - 1);
      expect(station.state).toBe("associating");
      wait(1);
      expect([station.state, radio.disconnects]).toEqual(["leaving", 1]);
      radio.echo();
      expect(station.state).toBe("waiting");
      expect(events).toEqual(["failed: timeout"]);
    });

    it("gives up waiting for an address after exactly 15 s", () => {
      const station = started([HOME]);
      radio.found(HOME_AP);
      wait(ASSOCIATE_MS - 1);
      radio.associated();
      wait(ADDRESS_MS - 1);
      expect(station.state).toBe("addressing");
      wait(1);
      radio.echo();
      expect(events).toEqual(["failed: no-address"]);
    });

    it("goes on after 1 s when the radio does not say that it has let go", () => {
      const station = started([HOME, CAFE]);
      radio.found(HOME_AP, accessPoint("Café", { id: 2, rssi: -80, security: "open" }));
      wait(ASSOCIATE_MS);
      wait(LEAVE_MS - 1);
      expect(station.state).toBe("leaving");
      wait(1);
      expect(radio.lastConnect?.ssid).toBe("Café");
    });

    it("gives up a scan after exactly 15 s, and ignores its late answer", () => {
      const station = started([HOME]);
      wait(SCAN_MS - 1);
      expect(station.state).toBe("scanning");
      const late = radio.loseScan();
      wait(1);
      expect(station.state).toBe("waiting");
      wait(PAUSE_MS);
      expect(radio.scans).toHaveLength(2);
      late([HOME_AP]);
      expect(radio.connects).toEqual([]);
    });

    it("tells what a person can do from number, phase and scan", () => {
      const cases = [
        ["wpa2", 15, "wrong-password"],
        ["wpa2", 202, "rejected"],
        ["wpa3", 202, "wrong-password"],
        ["unknown", 210, "unsupported-security"],
        ["wpa2", 203, "rejected"],
        ["wpa2", 77, "unknown"],
      ] as const;
      for (const [security, number, reason] of cases) {
        const station = started([HOME]);
        radio.found(accessPoint("Home", { security, rssi: -61 }));
        radio.disconnected(number);
        expect(station.failures.at(-1)).toMatchObject({ ssid: "Home", reason, number, rssi: -61 });
        station.close();
      }
    });

    it("keeps what an attempt told when the later scan does not find the network", () => {
      started([HOME], { lastGood: { ssid: "Home", bssid: HOME_AP.bssid, channel: 6 } });
      radio.disconnected(203);
      radio.found();
      expect(events).toEqual(["failed: rejected"]);
    });

    it.each([
      [0, LEAST_PAUSE_MS],
      [0.999, MOST_PAUSE_MS - 7],
    ])(
      "begins the next round at most 8 s after the last, however many there were: random %d",
      (random, pauseMs) => {
        const station = started([HOME], { random: () => random });
        for (let round = 0; round < 50; round++) {
          radio.found();
          expect(station.state).toBe("waiting");
          wait(pauseMs - 1);
          expect(station.state).toBe("waiting");
          wait(1);
          expect(station.state).toBe("scanning");
        }
        expect(MOST_PAUSE_MS).toBeLessThanOrEqual(8_000);
      },
    );

    it("logs each failure in one line, without the password", () => {
      const lines: string[] = [];
      const write = (text: string) => lines.push(text);
      const log: Logger = { error: write, warn: write, info: () => {}, debug: () => {} };
      started([HOME, CAFE], { log });
      radio.found(HOME_AP);
      radio.disconnected(15, -67);
      expect(lines).toEqual([
        '"Home" wrong-password (15 4WAY_HANDSHAKE_TIMEOUT, -67 dBm)',
        '"Café" not-found',
      ]);
    });

    it("keeps one failure of each kind, the latest last", () => {
      const station = started([HOME, CAFE]);
      for (const number of [15, 15, 203, 15]) {
        radio.found(HOME_AP);
        wait(10);
        radio.disconnected(number);
        wait(PAUSE_MS);
      }
      expect(station.failures.map((each) => [each.ssid, each.number])).toEqual([
        ["Home", 203],
        ["Home", 15],
        ["Café", undefined],
      ]);
      for (let number = 100; number < 120; number++) {
        radio.found(HOME_AP);
        radio.disconnected(number);
        wait(PAUSE_MS);
      }
      expect(station.failures).toHaveLength(10);
    });
  });

  describe("events that are not what they seem", () => {
    it("takes its own disconnect's echo for no failure of the next attempt", () => {
      const station = started([HOME, CAFE]);
      radio.found(HOME_AP, accessPoint("Café", { id: 2, rssi: -80, security: "open" }));
      wait(ASSOCIATE_MS + LEAVE_MS);
      expect(radio.lastConnect?.ssid).toBe("Café");
      radio.echo();
      expect(station.state).toBe("associating");
      join();
      expect(events.at(-1)).toBe("address 192.0.2.7 of Café");
    });

    it("takes a late event of a timed-out attempt for the radio letting go", () => {
      const station = started([HOME, CAFE]);
      radio.found(HOME_AP, accessPoint("Café", { id: 2, rssi: -80, security: "open" }));
      wait(ASSOCIATE_MS);
      radio.associated();
      radio.address();
      expect(station.state).toBe("leaving");
      radio.disconnected(201);
      radio.echo();
      expect([station.state, radio.lastConnect?.ssid]).toEqual(["associating", "Café"]);
    });

    it("ignores that an access point of an earlier attempt associated", () => {
      const station = started([HOME]);
      radio.found(HOME_AP);
      radio.associated("02:00:00:00:00:ee");
      expect(station.state).toBe("associating");
      radio.address();
      expect(station.state).toBe("associating");
    });

    it("does not mind the driver roaming", () => {
      const station = online();
      radio.onEvent({ type: "disconnected", reason: 207 });
      expect([station.state, events]).toEqual(["online", []]);
    });

    it("does not start over when the address is renewed", () => {
      const station = online();
      radio.address();
      radio.associated();
      expect([station.state, events]).toEqual(["online", []]);
    });

    it("reports a renewed lease that differs", () => {
      const station = online();
      radio.address("192.0.2.8");
      radio.address("192.0.2.8", ["192.0.2.2"]);
      expect(events).toEqual(["address 192.0.2.8 of Home", "address 192.0.2.8 of Home"]);
      expect(station.at?.dns).toEqual(["192.0.2.2"]);
    });
  });

  describe("losing the network", () => {
    it("rejoins at once, without a scan, when the association is lost", () => {
      const station = online();
      wait(60_000);
      radio.disconnected(200);
      expect(events).toEqual(["lost: association-lost"]);
      expect(station.state).toBe("associating");
      expect(radio.lastConnect).toMatchObject({ bssid: HOME_AP.bssid, channel: 6 });
      expect(radio.scans).toHaveLength(1);
      expect(station.at).toBeUndefined();
    });

    it("leaves and rejoins when the address is lost", () => {
      const station = online();
      radio.addressLost();
      expect([station.state, events]).toEqual(["leaving", ["lost: address-lost"]]);
      radio.echo();
      expect(station.state).toBe("associating");
    });

    it("pauses from the second loss within a minute on, and is patient again after 60 s online", () => {
      const station = online();
      radio.disconnected(200);
      join();
      wait(59_999);
      radio.disconnected(200);
      expect(station.state).toBe("waiting");
      wait(1_000);
      expect(station.state).toBe("scanning");
      radio.found(HOME_AP);
      join();
      wait(60_000);
      radio.disconnected(200);
      expect(station.state).toBe("scanning");
    });
  });

  describe("an access point that serves badly", () => {
    const NEAR = accessPoint("Home", { id: 2, rssi: -45, channel: 11 });

    it("loses its head start: dropped twice, the device looks around before it goes back", () => {
      const station = online();
      for (let time = 0; time < 2; time++) {
        radio.disconnected(200);
        if (station.state === "waiting") wait(1_000);
        if (time === 0) join();
      }
      expect([station.state, radio.scans.length]).toEqual(["scanning", 2]);
      radio.found(HOME_AP, { ...NEAR, rssi: -86 });
      expect(radio.lastConnect?.bssid).toBe(NEAR.bssid);
    });

    it("loses it also when it was lost in the end for its weak signal", () => {
      const station = online();
      wait(60_000);
      radio.disconnected(200, -86);
      expect(station.state).toBe("scanning");
    });

    it("is left for one that is much stronger, once the signal is not good", () => {
      const station = online();
      radio.rssi = -54;
      wait(60_000 + 3 * LOOK_MS);
      expect(radio.scans).toHaveLength(1);
      radio.rssi = -86;
      wait(LOOK_MS);
      expect([station.state, radio.scans.length]).toEqual(["online", 2]);
      radio.found({ ...HOME_AP, rssi: -86 }, NEAR);
      expect([station.state, events]).toEqual(["leaving", ["lost: moved"]]);
      radio.echo();
      expect(radio.lastConnect).toMatchObject({ bssid: NEAR.bssid, channel: 11 });
      join();
      expect(station.at?.bssid).toBe(NEAR.bssid);
    });

    it("is gone back to when the move fails", () => {
      const station = online();
      radio.rssi = -70;
      wait(60_000);
      radio.found({ ...HOME_AP, rssi: -70 }, NEAR);
      radio.echo();
      radio.disconnected(203);
      radio.found({ ...HOME_AP, rssi: -70 }, NEAR);
      expect(radio.lastConnect?.bssid).toBe(HOME_AP.bssid);
      join();
      // What failed is not tried again at once.
      wait(60_000);
      radio.found({ ...HOME_AP, rssi: -70 }, NEAR);
      expect([station.state, station.at?.bssid]).toEqual(["online", HOME_AP.bssid]);
    });

    it("is not left while a look around has no answer, and the next look is another", () => {
      const station = online();
      radio.rssi = -86;
      wait(60_000);
      radio.loseScan();
      wait(LOOK_MS);
      expect([station.state, radio.scans.length]).toEqual(["online", 3]);
      radio.found(HOME_AP);
    });

    it("is not looked around from when it is lost meanwhile: the look serves the round", () => {
      const station = online();
      radio.rssi = -86;
      wait(60_000);
      radio.disconnected(200);
      expect([station.state, radio.scans.length]).toEqual(["scanning", 2]);
      radio.found(NEAR);
      expect(radio.lastConnect?.bssid).toBe(NEAR.bssid);
    });
  });

  describe("a network that leads nowhere", () => {
    const OFFICE_AP = accessPoint("Office", { id: 5, rssi: -70 });
    const nowhere = (station: WiFiStation, forMs = YIELD_MS): void => {
      station.noInternet();
      wait(forMs);
      station.noInternet();
    };

    it("is left for another saved one after two minutes, and not before", () => {
      const station = online({}, [HOME, OFFICE]);
      nowhere(station, YIELD_MS - 1);
      expect(radio.scans).toHaveLength(1);
      wait(1);
      station.noInternet();
      radio.found(HOME_AP, OFFICE_AP);
      radio.echo();
      expect(radio.lastConnect?.ssid).toBe("Office");
      join();
      expect(events).toEqual(["lost: moved", "address 192.0.2.7 of Office"]);
    });

    it("is kept when there is nothing else, or nothing of the same security", () => {
      const station = online({}, [HOME, CAFE]);
      nowhere(station);
      radio.found(HOME_AP, accessPoint("Café", { id: 5, rssi: -30, security: "open" }));
      expect([station.state, events]).toEqual(["online", []]);
    });

    it("is gone back to in time, and later each time that it still leads nowhere", () => {
      const station = online({}, [HOME, OFFICE]);
      const away: number[] = [];
      for (let time = 0; time < 3; time++) {
        nowhere(station);
        radio.found(HOME_AP, OFFICE_AP);
        radio.echo();
        join();
        station.cloudReached();
        const since = performance.now();
        while (station.at?.ssid === "Office") {
          wait(60_000);
          if (radio.scanning) radio.found(HOME_AP, OFFICE_AP);
        }
        away.push(Math.round((performance.now() - since) / 60_000));
        radio.echo();
        join();
      }
      expect(away).toEqual([11, 21, 41]);
    });

    it("is none any more once the cloud is reached", () => {
      const station = online({}, [HOME, OFFICE]);
      station.noInternet();
      wait(YIELD_MS - 1);
      station.cloudReached();
      wait(YIELD_MS);
      station.noInternet();
      // The quiet look of the first network does not happen: its strength is not known.
      expect(radio.scans).toHaveLength(1);
    });
  });

  describe("an attacker's access points", () => {
    it("cannot starve the one that last led to the cloud: it has its turn in every round", () => {
      const lastGood = { ssid: "Home", bssid: HOME_AP.bssid, channel: 6 };
      const station = started([HOME], { lastGood });
      const forged = Array.from({ length: 40 }, (_, i) => accessPoint("Home", { id: 100 + i, rssi: -20 }));
      radio.disconnected(200); // jammed
      for (let round = 0; round < 30; round++) {
        const { length } = radio.connects;
        for (let i = 0; i < 9 && station.state !== "waiting"; i++) {
          if (radio.scanning) radio.found(...forged);
          else radio.disconnected(radio.lastConnect?.bssid === HOME_AP.bssid ? 200 : 15);
        }
        if (round > 0)
          expect(radio.connects.slice(length).map(({ bssid }) => bssid)).toContain(HOME_AP.bssid);
        wait(PAUSE_MS);
      }
      expect(new Set(radio.connects.map(({ bssid }) => bssid)).size).toBeGreaterThan(20);
    });

    it.each([
      ["that last led to the cloud", { ssid: "Home", bssid: HOME_AP.bssid, channel: 6 }],
      ["of a network that never was", undefined],
    ])("cannot starve the one %s by its own address on another channel", (_, lastGood) => {
      const station = started([HOME], lastGood ? { lastGood } : {});
      const clone = accessPoint("Home", { id: 1, channel: 11, rssi: -20 });
      if (lastGood) radio.disconnected(200); // jammed
      for (let round = 0; round < 6; round++) {
        const { length } = radio.connects;
        for (let i = 0; i < 9 && station.state !== "waiting"; i++) {
          if (radio.scanning) radio.found(clone, HOME_AP);
          else radio.disconnected(radio.lastConnect?.channel === 6 ? 200 : 15);
        }
        if (round > 0) expect(radio.connects.slice(length).map(({ channel }) => channel)).toContain(6);
        wait(PAUSE_MS);
      }
    });

    it("are not joined where they are weaker than the network was when it was saved", () => {
      const station = started([HOME]);
      radio.found(accessPoint("Home", { security: "wpa3" }));
      join();
      wait(60_000);
      expect(events.at(-1)).toBe("learned 4");
      expect(station.networks).toEqual([{ ...HOME, least: 4 }]);
      station.networks = station.networks.slice();
      expect(station.state).toBe("online");
      radio.disconnected(200);
      expect(radio.lastConnect).toMatchObject({ least: 4 });
      radio.disconnected(201);
      radio.found(accessPoint("Home", { id: 66, rssi: -20, security: "wpa2" }));
      expect(events.at(-1)).toBe("failed: unsupported-security");
    });

    it("teach nothing while a person only tries a network", () => {
      const station = create([]);
      station.joinOnce(HOME, () => {});
      radio.found(accessPoint("Home", { security: "wpa3" }));
      join();
      wait(60_000);
      expect(events).toEqual(["address 192.0.2.7 of Home"]);
    });

    it("of another security stay untried, and the page says which it was", () => {
      for (const [security, reason] of [
        ["open", "wrong-password"],
        ["enterprise", "unsupported-security"],
        ["wpa", "unsupported-security"],
        ["owe", "unsupported-security"],
      ] as const) {
        events.length = radio.connects.length = 0;
        const station = started([HOME]);
        radio.found(accessPoint("Home", { security, rssi: -30 }));
        expect([radio.connects, events]).toEqual([[], [`failed: ${reason}`]]);
        station.close();
      }
    });
  });

  it("asks the router for names where DHCP names no server", () => {
    const station = started([HOME]);
    radio.found(HOME_AP);
    radio.associated();
    radio.address("192.0.2.7", []);
    expect(station.at?.dns).toEqual(["192.0.2.1"]);
  });

  describe("a network disowned from above", () => {
    const twoFound = () => {
      const station = started([HOME, CAFE]);
      radio.found(HOME_AP, accessPoint("Café", { id: 2, rssi: -80, security: "open" }));
      join();
      events.length = 0;
      return station;
    };

    it("has failed the join, and the round goes on with the next", () => {
      const station = twoFound();
      expect(station.reject("captive-portal")).toBe(true);
      expect([station.state, events]).toEqual(["leaving", ["lost: rejected"]]);
      radio.echo();
      expect(radio.lastConnect?.ssid).toBe("Café");
      expect(radio.scans).toHaveLength(1);
      join("198.51.100.3");
      expect(events.at(-1)).toBe("address 198.51.100.3 of Café");
      expect(station.failures.at(-1)).toMatchObject({ ssid: "Home", reason: "captive-portal" });
    });

    it("fails the round when it was the only one, and is left out until its mark expires", () => {
      const station = online();
      station.reject("captive-portal");
      radio.echo();
      expect(events).toEqual(["lost: rejected", "failed: captive-portal"]);
      wait(MARK_MS - 1);
      expect(new Set(events.slice(1))).toEqual(new Set(["failed: captive-portal"]));
      expect(radio.connects).toHaveLength(1);
      wait(MOST_PAUSE_MS);
      expect(radio.lastConnect).toMatchObject({ ssid: "Home", bssid: HOME_AP.bssid });
      expect(radio.connects).toHaveLength(2);
      expect(station.networks).toEqual([HOME]);
    });

    it("never makes the radio look stuck", () => {
      const station = online();
      station.reject("captive-portal");
      radio.echo();
      wait(MARK_MS - 1_000);
      expect(events).not.toContain("stuck");
    });

    it("is tried again at once when a person saves it anew", () => {
      const station = online();
      station.reject("captive-portal");
      radio.echo();
      station.networks = [HOME];
      expect(station.state).toBe("associating");
    });

    it("can be disowned long after it was joined", () => {
      const station = twoFound();
      wait(3_600_000);
      station.reject("captive-portal");
      radio.echo();
      radio.found(HOME_AP, accessPoint("Café", { id: 2, security: "open" }));
      expect(radio.lastConnect?.ssid).toBe("Café");
    });

    it("cannot be disowned while there is none", () => {
      const station = started([HOME]);
      expect(station.reject("captive-portal")).toBe(false);
      expect(station.state).toBe("scanning");
    });
  });

  describe("changing the saved networks", () => {
    it("stays where it is when that network is still saved", () => {
      const station = online();
      station.networks = [CAFE, { ...HOME }];
      expect([station.state, events, radio.disconnects]).toEqual(["online", [], 0]);
      radio.disconnected(200);
      expect(radio.lastConnect?.ssid).toBe("Home");
    });

    it("looks for the one that was put first meanwhile, before it goes back to where it was", () => {
      const station = online({}, [HOME, OFFICE]);
      station.stop();
      station.networks = [OFFICE, HOME];
      radio.connects.length = 0;
      station.start();
      radio.found(accessPoint("Home", { rssi: -40 }), accessPoint("Office", { id: 2, rssi: -60 }));
      expect(radio.connects.map((each) => each.ssid)).toEqual(["Office"]);
    });

    it("leaves when that network is forgotten or has another password", () => {
      for (const networks of [[CAFE], [{ ...HOME, password: "another one" }]]) {
        const station = online();
        station.networks = networks;
        expect([station.state, events]).toEqual(["leaving", ["lost: replaced"]]);
        radio.echo();
        expect(station.state).not.toBe("idle");
        station.close();
        if (radio.scanning) radio.found();
      }
    });

    it("is idle when the last one is forgotten, and begins when one is saved", () => {
      const station = online();
      station.networks = [];
      radio.echo();
      expect(station.state).toBe("idle");
      station.networks = [CAFE];
      expect(station.state).toBe("scanning");
    });

    it("ends a wait, and uses a scan that is under way", () => {
      const station = started([HOME]);
      station.networks = [CAFE];
      expect(radio.scans).toHaveLength(1);
      radio.found(accessPoint("Café", { id: 2, security: "open" }));
      expect(radio.lastConnect?.ssid).toBe("Café");
      radio.disconnected(201);
      radio.found();
      expect(station.state).toBe("waiting");
      station.networks = [HOME];
      expect(station.state).toBe("scanning");
    });

    it("keeps still while it is stopped", () => {
      const station = create([]);
      station.networks = [HOME];
      expect(station.state).toBe("stopped");
      expect(radio.scans).toEqual([]);
    });
  });

  describe("trying one network for a person", () => {
    const results: unknown[] = [];
    beforeEach(() => {
      results.length = 0;
    });
    const onResult = (result: unknown) => results.push(result);

    it("joins it, reports it before the address, and stays on it", () => {
      const station = create([]);
      station.joinOnce(CAFE, (result) => {
        events.push(`result ${result.joined}`);
        station.networks = [CAFE];
      });
      radio.found(accessPoint("Café", { id: 2, security: "open" }));
      join();
      expect(events).toEqual(["result true", "address 192.0.2.7 of Café"]);
      expect([station.state, radio.disconnects]).toEqual(["online", 0]);
      radio.disconnected(200);
      expect(radio.lastConnect?.ssid).toBe("Café");
    });

    it("reports why it failed, and is stopped as before", () => {
      const station = create([HOME]);
      station.joinOnce(CAFE, onResult);
      radio.found(accessPoint("Café", { id: 2, security: "open" }));
      radio.disconnected(202);
      expect(results).toMatchObject([
        { joined: false, failure: { ssid: "Café", reason: "rejected", number: 202 } },
      ]);
      expect([station.state, events]).toEqual(["stopped", []]);
    });

    it("interrupts a connection, and restores it after a failure", () => {
      const station = online();
      station.joinOnce(CAFE, onResult);
      expect([station.state, events]).toEqual(["leaving", ["lost: replaced"]]);
      radio.echo();
      radio.found(HOME_AP);
      expect(results).toMatchObject([{ joined: false, failure: { reason: "not-found" } }]);
      expect(radio.lastConnect).toMatchObject({ ssid: "Home", bssid: HOME_AP.bssid });
      join();
      expect(station.state).toBe("online");
      expect(events).not.toContain("failed: not-found");
    });

    it.each(["scanning", "associating", "addressing", "leaving", "waiting"] as const)(
      "works while %s",
      (state) => {
        const station = started([HOME]);
        if (state !== "scanning") radio.found(...(state === "waiting" ? [] : [HOME_AP]));
        if (state === "addressing") radio.associated();
        if (state === "leaving") wait(ASSOCIATE_MS);
        expect(station.state).toBe(state);
        station.joinOnce(CAFE, onResult);
        if (station.state === "leaving") radio.echo();
        radio.found(accessPoint("Café", { id: 2, security: "open" }));
        join();
        expect(results).toMatchObject([{ joined: true, at: { ssid: "Café" } }]);
      },
    );

    it("does not take a scan for a hidden network for one of all networks", () => {
      const station = started([ATTIC]);
      radio.found();
      station.joinOnce(CAFE, onResult);
      expect(radio.scans).toEqual([{}, { ssid: "Attic" }]);
      radio.found();
      expect(radio.scans.at(-1)).toEqual({});
      radio.found(accessPoint("Café", { id: 2, security: "open" }));
      expect([station.state, radio.lastConnect?.ssid]).toEqual(["associating", "Café"]);
    });

    it("reports only the last of several", () => {
      const station = create([]);
      station.joinOnce(HOME, () => results.push("first"));
      station.joinOnce(CAFE, onResult);
      radio.found(accessPoint("Café", { id: 2, security: "open" }));
      join();
      expect(results).toMatchObject([{ joined: true }]);
    });

    it("goes on to the saved networks when the tried one turns out to be behind a sign-in page", () => {
      const station = create([HOME]);
      station.joinOnce(CAFE, onResult);
      radio.found(accessPoint("Café", { id: 2, security: "open" }));
      join();
      station.reject("captive-portal");
      radio.echo();
      radio.found(HOME_AP);
      expect(radio.lastConnect?.ssid).toBe("Home");
    });

    it("is not disturbed by a change of the saved networks", () => {
      const station = started([HOME]);
      station.joinOnce(CAFE, onResult);
      radio.found(accessPoint("Café", { id: 2, security: "open" }));
      station.networks = [OFFICE];
      join();
      expect(results).toHaveLength(1);
    });
  });

  describe("a radio that does not answer", () => {
    it("is reported after three silent rounds", () => {
      started([HOME], { lastGood: { ssid: "Home", bssid: HOME_AP.bssid, channel: 6 } });
      for (let i = 0; i < 600 && !events.includes("stuck"); i++) {
        radio.loseScan();
        wait(1_000);
      }
      expect(events).toEqual(["failed: timeout", "failed: timeout", "failed: timeout", "stuck"]);
    });

    it("is not stuck because nothing is in reach", () => {
      started([HOME]);
      for (let round = 0; round < 50; round++) {
        radio.found();
        wait(PAUSE_MS);
      }
      expect(events).not.toContain("stuck");
    });
  });

  describe("ending", () => {
    it("leaves the network on stop, says nothing, and can start again", () => {
      const station = online();
      station.stop();
      expect([station.state, radio.disconnects, events]).toEqual(["stopped", 1, []]);
      radio.echo();
      expect(station.state).toBe("stopped");
      station.start();
      expect(station.state).toBe("associating");
    });

    it("waits for a scan under way before it connects after a stop", () => {
      const station = online();
      radio.disconnected(200);
      radio.disconnected(201);
      station.stop();
      station.start();
      expect([station.state, radio.scans.length, radio.connects.length]).toEqual(["scanning", 2, 2]);
      radio.found(HOME_AP);
      expect(station.state).toBe("associating");
    });

    it("is closed for good, silent and idempotent, and leaves the radio to its owner", () => {
      const station = online();
      station.close();
      station.close();
      join();
      radio.disconnected(200);
      station.start();
      wait(PAUSE_MS);
      station.networks = [CAFE];
      station.joinOnce(CAFE, () => events.push("result"));
      expect(station.reject("captive-portal")).toBe(false);
      expect([station.state, events, radio.closed]).toEqual(["closed", [], false]);
    });

    it("may be closed from inside any callback", () => {
      const closing = (name: keyof StationOptions, act: (station: WiFiStation) => void) => {
        const calls: string[] = [];
        const note = (callback: string) => () => {
          calls.push(callback);
          if (callback === name) station.close();
        };
        const station = create([HOME], {
          onAddress: note("onAddress"),
          onLost: note("onLost"),
          onGood: note("onGood"),
          onRoundFailed: note("onRoundFailed"),
          onRadioStuck: note("onRadioStuck"),
        });
        station.start();
        act(station);
        expect([name, station.state, vi.getTimerCount()]).toEqual([name, "closed", 0]);
        expect(calls.at(-1)).toBe(name);
        if (radio.scanning) radio.found();
        radio.disconnect();
      };
      const joining = () => {
        radio.found(HOME_AP);
        join();
      };
      const losing = (how: (station: WiFiStation) => void) =>
        closing("onLost", (station) => {
          joining();
          how(station);
        });
      const silence = () => {
        for (let i = 0; i < 100; i++) {
          radio.loseScan();
          wait(1_000);
        }
      };
      closing("onGood", (station) => {
        joining();
        station.cloudReached();
      });
      closing("onAddress", joining);
      closing("onRoundFailed", () => radio.found());
      closing("onRadioStuck", silence);
      losing(() => radio.disconnected(200));
      losing(() => radio.addressLost());
      losing((station) => station.reject("captive-portal"));
      losing((station) => station.joinOnce(CAFE, () => {}));
      losing((station) => {
        station.networks = [];
      });
    });

    it("may be closed from inside joinOnce's result", () => {
      const station = create([]);
      station.joinOnce(CAFE, () => station.close());
      radio.found(accessPoint("Café", { id: 2, security: "open" }));
      join();
      expect([station.state, events]).toEqual(["closed", []]);
    });
  });
});
