// What the station does at its bounds, and when it is called from inside its callbacks or where nothing is to do.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import { CONTENT_RSSI, WEAK_RSSI } from "../../wifi/candidates";
import { ADDRESS_MS } from "../../wifi/connection";
import type { Network } from "../../wifi/network";
import type { AccessPointInfo } from "../../wifi/radio";
import { LEAST_PAUSE_MS, MOST_PAUSE_MS, SCAN_MS } from "../../wifi/rounds";
import { LOOK_MS, WiFiStation, YIELD_MS } from "../../wifi/station";
import type { StationOptions } from "../../wifi/station-options";
import { accessPoint, FakeRadio } from "../support/fake-radio";

const HOME: Network = { ssid: "Home", password: "correct horse" };
const OFFICE: Network = { ssid: "Office", password: "battery staple" };
const HOME_AP = accessPoint("Home", { id: 1, channel: 6 });
const OFFICE_AP = accessPoint("Office", { id: 9, rssi: -40 });
/** Ten dB stronger than any that the device is on here. */
const STRONG_AP = accessPoint("Home", { id: 2, rssi: -40 });

let radio: FakeRadio;
let station: WiFiStation;
let events: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  radio = new FakeRadio();
  events = [];
});
afterEach(() => {
  station.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(radio.misuses).toEqual([]);
  vi.useRealTimers();
});

function started(networks: Network[] = [HOME], options: object = {}): void {
  station = new WiFiStation({
    log: silentLogger,
    radio,
    networks,
    uptimeMs: () => performance.now(),
    random: () => 0.5,
    onAddress: (at) => events.push(`address of ${at.ssid}`),
    onLost: (reason) => events.push(`lost: ${reason}`),
    onRoundFailed: () => events.push("failed"),
    ...options,
  } satisfies StationOptions);
  station.start();
}
function online(networks: Network[] = [HOME], options: object = {}, at = HOME_AP): void {
  started(networks, options);
  radio.found(at);
  join();
  events.length = 0;
}
function join(): void {
  radio.associated();
  radio.address();
}
const wait = (ms: number) => vi.advanceTimersByTime(ms);

it("may be left without any network while it looks for one", () => {
  started();
  station.networks = [];
  expect(station.state).toBe("idle");
});

it("leaves no timer behind when it is closed while a person waits for what is around", () => {
  started();
  station.survey(() => events.push("told"));
  station.close();
  expect(vi.getTimerCount()).toBe(0);
  wait(SCAN_MS);
  expect(events).toEqual([]);
});

it("gives a second look around its whole time, whenever the first began", () => {
  online();
  const found: (readonly AccessPointInfo[])[] = [];
  station.survey((each) => found.push(each));
  wait(10_000);
  station.survey((each) => found.push(each));
  wait(SCAN_MS - 1);
  expect(found).toEqual([]);
  wait(1);
  expect(found).toEqual([[]]);
});

it("tries no network for a person, and stays closed, once it is closed", () => {
  started();
  station.close();
  const { length } = radio.scans;
  radio.found();
  station.joinOnce(OFFICE, () => events.push("told"));
  station.stop();
  station.start();
  wait(60_000);
  expect([station.state, events, radio.connects, radio.scans.length]).toEqual(["closed", [], [], length]);
});

it("hears of the cloud, or of a line that leads nowhere, after the network was lost, and does nothing", () => {
  online();
  radio.disconnected(200);
  const scans = radio.scans.length;
  station.cloudReached();
  station.noInternet();
  wait(1);
  station.noInternet();
  expect(radio.scans.length).toBe(scans);
  expect(events).toEqual(["lost: association-lost"]);
});

it("does not look for a way out of a network that it has left on purpose", () => {
  online();
  station.stop();
  const { length } = radio.scans;
  station.noInternet();
  wait(YIELD_MS);
  station.noInternet();
  expect(radio.scans).toHaveLength(length);
});

/** Rounds in which the radio answers nothing. */
const silence = (rounds: number): void => {
  for (let n = 0; n < rounds; n++) wait(SCAN_MS + LEAST_PAUSE_MS);
};

it("takes a radio for stuck after three rounds in a row without an answer, and again after three more", () => {
  started([HOME], { random: () => 0, onRadioStuck: () => events.push("stuck") });
  silence(2);
  radio.found();
  wait(LEAST_PAUSE_MS);
  silence(2);
  expect(events.filter((event) => event === "stuck")).toEqual([]);
  silence(1);
  expect(events.slice(-2)).toEqual(["failed", "stuck"]);
  silence(2);
  expect(events.at(-1)).toBe("failed");
  silence(1);
  expect(events.filter((event) => event === "stuck")).toHaveLength(2);
});

it("says nothing of a stuck radio to whoever stops it at the end of that round", () => {
  let rounds = 0;
  started([HOME], {
    random: () => 0,
    onRoundFailed: () => ++rounds === 3 && station.stop(),
    onRadioStuck: () => events.push("stuck"),
  });
  silence(4);
  expect([rounds, events, station.state]).toEqual([3, [], "stopped"]);
});

it("needs nobody to tell what it learned, nor where the cloud was reached", () => {
  online([HOME], { onGood: undefined, onNetworksLearned: undefined }, { ...HOME_AP, security: "wpa3" });
  station.cloudReached();
  wait(60_000);
  expect(station.networks).toEqual([{ ...HOME, least: expect.anything() }]);
});

it("forgives an access point that leads to the cloud what it failed in before", () => {
  started();
  radio.found(HOME_AP);
  radio.associated();
  wait(ADDRESS_MS);
  radio.echo();
  wait(MOST_PAUSE_MS);
  radio.found(HOME_AP);
  join();
  station.cloudReached();
  const { length } = radio.scans;
  radio.disconnected(200, -60);
  // Held against it, it would have no head start before the scan.
  expect(radio.scans).toHaveLength(length);
  expect(radio.lastConnect?.bssid).toBe(HOME_AP.bssid);
});

it("does not remember an access point as good that drops it again and again, cloud or not", () => {
  online([HOME], { onGood: () => events.push("good") });
  for (let n = 0; n < 2; n++) {
    radio.disconnected(200, -60);
    wait(MOST_PAUSE_MS);
    radio.found(HOME_AP);
    join();
  }
  events.length = 0;
  station.cloudReached();
  expect(station.at?.bssid).toBe(HOME_AP.bssid);
  expect(events).toEqual([]);
});

it.each([
  [WEAK_RSSI - 1, false],
  [WEAK_RSSI, true],
  [-60, true],
])("joins again at once where it was lost at %i dBm: %s", (rssi, atOnce) => {
  online();
  wait(120_000);
  radio.found();
  const { length } = radio.connects;
  radio.disconnected(200, rssi);
  expect(radio.connects.length > length).toBe(atOnce);
});

it.each([
  [CONTENT_RSSI, false],
  [CONTENT_RSSI - 1, true],
])("looks for something better from %i dBm on: %s", (rssi, looks) => {
  online();
  radio.rssi = rssi;
  const { length } = radio.scans;
  wait(60_000);
  expect(radio.scans.length > length).toBe(looks);
});

it("holds it against an access point that is hardly heard that it is, also where there is none better", () => {
  online();
  radio.rssi = WEAK_RSSI - 1;
  wait(60_000);
  radio.found(HOME_AP);
  const { length } = radio.connects;
  radio.disconnected(200, -60);
  expect(radio.connects).toHaveLength(length);
});

it("moves nowhere for what a person's own look around finds, before a quiet one or after it", () => {
  online();
  radio.rssi = -70;
  station.survey(() => events.push("told"));
  radio.found(HOME_AP, STRONG_AP);
  expect(events).toEqual(["told"]);
  wait(60_000);
  radio.found(HOME_AP);
  station.survey(() => events.push("told"));
  radio.found(HOME_AP, STRONG_AP);
  expect(events).toEqual(["told", "told"]);
  wait(LOOK_MS);
  radio.found(HOME_AP, STRONG_AP);
  expect(events).toEqual(["told", "told", "lost: moved"]);
});

it("does not look around by itself while it may not move", () => {
  const may = { move: false };
  online([HOME], { mayMove: () => may.move });
  radio.rssi = -70;
  const { length } = radio.scans;
  wait(60_000);
  expect(radio.scans).toHaveLength(length);
  may.move = true;
  wait(LOOK_MS);
  expect(radio.scans).toHaveLength(length + 1);
});

it("does not move to a network whose sign-in page it has just met, and does when that is over", () => {
  started([OFFICE, HOME]);
  radio.found(OFFICE_AP, HOME_AP);
  join();
  station.reject("captive-portal");
  radio.echo();
  join();
  expect(station.at?.ssid).toBe("Home");
  events.length = 0;
  wait(60_000);
  radio.found(HOME_AP, OFFICE_AP);
  expect(events).toEqual([]);
  wait(LOOK_MS);
  radio.found(HOME_AP, OFFICE_AP);
  expect(events).toEqual(["lost: moved"]);
});

it("leaves a network that leads nowhere no sooner than after its two minutes", () => {
  online([HOME, OFFICE]);
  const { length } = radio.scans;
  station.noInternet();
  wait(YIELD_MS - 1);
  radio.found(HOME_AP);
  const looked = radio.scans.length;
  station.noInternet();
  expect(radio.scans).toHaveLength(looked);
  wait(1);
  station.noInternet();
  expect(radio.scans.length).toBeGreaterThan(length);
  radio.found(HOME_AP, OFFICE_AP);
  expect(events).toEqual(["lost: moved"]);
});
