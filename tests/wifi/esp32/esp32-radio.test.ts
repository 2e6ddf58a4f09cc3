import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { MAX_FOUND } from "../../../wifi/air";
import { Esp32Radio, LEAVE_MS } from "../../../wifi/esp32/esp32-radio";
import type { AccessPointInfo, RadioEvent } from "../../../wifi/radio";
import { REASON_NAMES } from "../../../wifi/reason-codes";
import { WiFiStation } from "../../../wifi/station";
import { FakeRadioDriver, formatFound } from "../../support/fake-radio-driver";

const HOME = { ssid: "Home", password: "correct horse" };
const CAFE = { ssid: "Café" };
const LEASE = ["192.0.2.7", "192.0.2.1", "192.0.2.53", ""];

let driver: FakeRadioDriver;
let radio: Esp32Radio;
let events: RadioEvent[];
/** Warnings in the log: what somebody at the bench of a new board looks for. */
let said: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  driver = new FakeRadioDriver();
  said = [];
  const log = { ...silentLogger, warn: (text: string) => said.push(text) };
  radio = new Esp32Radio({ driver, mac: "02:00:00:00:00:01", log });
  driver.onEvent = (...event) => radio.take(...event);
  events = [];
  radio.onEvent = (event) => events.push(event);
});
afterEach(() => vi.useRealTimers());

function online(): void {
  radio.connect(HOME);
  driver.tell("associated", 6);
  driver.current = LEASE;
  driver.tell("address");
}

describe("connecting", () => {
  it("gives the driver the network, and nothing that was not asked for", () => {
    radio.connect(HOME);
    expect(driver.connects).toEqual([
      { ssid: "Home", password: "correct horse", bssid: undefined, channel: 0, least: 3 },
    ]);
  });

  it("gives it access point, channel and a person's choice of WEP and WPA", () => {
    radio.connect({ ...HOME, bssid: "0a:1b:2c:3d:4e:5f", channel: 11, least: 1 });
    expect(driver.connects[0]).toMatchObject({
      bssid: [0x0a, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f],
      channel: 11,
      least: 1,
    });
  });

  it("connects to an open network without a password", () => {
    radio.connect(CAFE);
    expect(driver.connects[0]?.password).toBe("");
  });

  it("throws at once for a BSSID that is none", () => {
    expect(() => radio.connect({ ...HOME, bssid: "0A:1B" })).toThrow(RangeError);
    expect(driver.connects).toEqual([]);
  });

  it.each([-1, 0, 14, 165, Number.NaN])(
    "gives it no hint of channel %s, at which it would throw",
    (channel) => {
      radio.connect({ ...HOME, channel });
      expect(driver.connects[0]?.channel).toBe(0);
    },
  );

  it("tells association, then the address with its router and name servers", () => {
    online();
    expect(events).toEqual([
      { type: "associated", bssid: "02:00:00:00:aa:01", channel: 6 },
      { type: "address", address: "192.0.2.7", gateway: "192.0.2.1", dns: ["192.0.2.53"] },
    ]);
  });

  it.each(Object.keys(REASON_NAMES).map(Number))("tells reason %i as it is", (reason) => {
    // Roaming is no end, and 8 without having been told to leave is an echo.
    const silent = reason === 207 || reason === 8;
    radio.connect(HOME);
    driver.tell("disconnected", reason, { rssi: -81 });
    expect(events).toEqual(silent ? [] : [{ type: "disconnected", reason, rssi: -81 }]);
  });

  it("tells a number that ESP-IDF does not name yet", () => {
    radio.connect(HOME);
    driver.tell("disconnected", 250);
    expect(events).toEqual([{ type: "disconnected", reason: 250 }]);
  });

  it.each([0, -128])("leaves out an RSSI of %i, which stands for none", (rssi) => {
    radio.connect(HOME);
    driver.tell("disconnected", 201, { rssi });
    expect(events).toEqual([{ type: "disconnected", reason: 201 }]);
  });

  it("gives the driver all the time it takes, and ends an attempt once", () => {
    radio.connect(HOME);
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual([]);
    driver.tell("disconnected", 201);
    driver.tell("disconnected", 201);
    expect(events).toHaveLength(1);
  });

  it("tells association once, and not while leaving", () => {
    online();
    driver.tell("associated", 6);
    radio.disconnect();
    driver.tell("associated", 6);
    expect(events.filter(({ type }) => type === "associated")).toHaveLength(1);
  });

  it("has a strength only while associated", () => {
    expect(radio.rssi).toBeUndefined();
    online();
    expect(radio.rssi).toBe(-55);
    driver.tell("disconnected", 200);
    expect(radio.rssi).toBeUndefined();
  });
});

describe("a driver that refuses to connect", () => {
  it("ends the attempt as unspecified, in a turn of its own", () => {
    driver.refuseConnects = 1;
    radio.connect(HOME);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(events).toEqual([{ type: "disconnected", reason: 1 }]);
    radio.connect(CAFE);
    expect(driver.connects.map(({ ssid }) => ssid)).toEqual(["Café"]);
    expect(said).toEqual(["the driver refused to connect"]);
  });

  it("is silent when the attempt was replaced meanwhile", () => {
    driver.refuseConnects = 1;
    radio.connect(HOME);
    radio.connect(CAFE);
    vi.advanceTimersByTime(LEAVE_MS);
    expect(driver.connects.map(({ ssid }) => ssid)).toEqual(["Café"]);
    expect(events).toEqual([]);
  });
});

describe("leaving", () => {
  it("tells that the network was left", () => {
    online();
    radio.disconnect();
    driver.tell("disconnected", 8);
    expect(events.at(-1)).toEqual({ type: "disconnected", reason: 8 });
  });

  it("asks the driver once, and not at all when there is nothing to leave", () => {
    radio.disconnect();
    expect(driver.disconnects).toBe(0);
    radio.connect(HOME);
    radio.disconnect();
    radio.disconnect();
    expect(driver.disconnects).toBe(1);
  });

  it("lets a connect wait until the driver has left, and keeps its event from that attempt", () => {
    online();
    events.length = 0;
    radio.connect(CAFE);
    expect(driver.connects).toHaveLength(1);
    driver.tell("disconnected", 8);
    expect(driver.connects.map(({ ssid }) => ssid)).toEqual(["Home", "Café"]);
    expect(events).toEqual([]);
    expect(driver.refused).toEqual([]);
  });

  it("connects to the last network that was asked for", () => {
    radio.connect(HOME);
    radio.connect(CAFE);
    radio.connect({ ssid: "Third" });
    driver.tell("disconnected", 8);
    expect(driver.connects.map(({ ssid }) => ssid)).toEqual(["Home", "Third"]);
  });

  it("does not connect after all when it is told to disconnect", () => {
    radio.connect(HOME);
    radio.connect(CAFE);
    radio.disconnect();
    driver.tell("disconnected", 8);
    expect(driver.connects).toHaveLength(1);
  });

  it("goes on when the driver never tells of the disconnection", () => {
    radio.connect(HOME);
    radio.connect(CAFE);
    vi.advanceTimersByTime(LEAVE_MS - 1);
    expect(driver.connects).toHaveLength(1);
    driver.busy = false;
    vi.advanceTimersByTime(1);
    expect(driver.connects).toHaveLength(2);
  });
});

describe("events that come late", () => {
  it("drops a failure of the attempt before", () => {
    radio.connect(HOME);
    radio.connect(CAFE);
    driver.busy = false;
    vi.advanceTimersByTime(LEAVE_MS);
    driver.tell("disconnected", 15, { attempt: 1 });
    driver.tell("associated", 1, { attempt: 1 });
    expect(events).toEqual([]);
    driver.tell("associated", 11);
    expect(events).toEqual([{ type: "associated", bssid: "02:00:00:00:aa:01", channel: 11 }]);
  });

  it("does not take the echo of an earlier disconnect for the end of this attempt", () => {
    radio.connect(HOME);
    radio.connect(CAFE);
    driver.busy = false;
    vi.advanceTimersByTime(LEAVE_MS);
    driver.tell("disconnected", 8);
    driver.tell("associated", 11);
    expect(events.map(({ type }) => type)).toEqual(["associated"]);
  });

  it("tells an address once per event while associated, and not after", () => {
    online();
    driver.tell("address");
    expect(events.filter(({ type }) => type === "address")).toHaveLength(2);
    driver.tell("disconnected", 200);
    events.length = 0;
    driver.tell("address");
    driver.tell("address-lost");
    expect(events).toEqual([]);
  });

  it("tells no address when the lease is gone by the time of its event", () => {
    radio.connect(HOME);
    driver.tell("associated", 6);
    driver.tell("address");
    expect(events.map(({ type }) => type)).toEqual(["associated"]);
  });

  it("tells a lost lease", () => {
    online();
    driver.tell("address-lost");
    expect(events.at(-1)).toEqual({ type: "address-lost" });
  });

  it("is silent once closed", () => {
    online();
    const { length } = events;
    radio.scan({}, () => events.push({ type: "address-lost" }));
    radio.close();
    radio.close();
    driver.tell("disconnected", 200);
    driver.tell("scanned");
    radio.connect(CAFE);
    expect(events).toHaveLength(length);
    expect(driver.connects).toHaveLength(1);
    expect(driver.open).toBe(false);
  });
});

describe("scanning", () => {
  it("asks for all, for one that hides, and for a channel", () => {
    radio.scan({}, () => {});
    radio.scan({ ssid: "Hidden" }, () => {});
    radio.scan({ channel: 4 }, () => {});
    expect(driver.scans).toEqual([
      ["", 0],
      ["Hidden", 0],
      ["", 4],
    ]);
  });

  it("gives the result once, strongest first as the driver has it", () => {
    const results: (string | undefined)[][] = [];
    radio.scan({}, (found) => results.push(found.map(({ ssid }) => ssid)));
    driver.found = [formatFound({ ssid: "A" }), formatFound({ ssid: "B" })];
    driver.tell("scanned");
    driver.tell("scanned");
    expect(results).toEqual([["A", "B"]]);
  });

  it("keeps forty access points and frees the rest in the driver", () => {
    let count = 0;
    radio.scan({}, (found) => (count = found.length));
    driver.found = Array.from({ length: 100 }, () => formatFound({}));
    driver.tell("scanned");
    expect([count, driver.forgotten]).toEqual([MAX_FOUND, 100 - MAX_FOUND]);
  });

  it("frees a result that nobody waits for", () => {
    driver.found = [formatFound({})];
    driver.tell("scanned");
    expect(driver.found).toEqual([]);
  });

  it("gives an empty list, later, when the driver refuses", () => {
    driver.refuseScans = true;
    let found: AccessPointInfo[] | undefined;
    radio.scan({}, (result) => (found = result));
    expect(found).toBeUndefined();
    vi.advanceTimersByTime(0);
    expect(found).toEqual([]);
    expect(said).toEqual(["the driver refused a scan"]);
  });
});

it("does not end a scan for the refusal of one before it", () => {
  driver.refuseScans = true;
  radio.scan({}, () => {});
  driver.refuseScans = false;
  let found: AccessPointInfo[] | undefined;
  radio.scan({}, (result) => (found = result));
  vi.advanceTimersByTime(1000);
  expect(found).toBeUndefined();
});

it("carries a station from scan to address, through a wrong password and back", () => {
  const log: string[] = [];
  const station = new WiFiStation({
    log: silentLogger,
    radio,
    networks: [HOME],
    uptimeMs: () => performance.now(),
    random: () => 0,
    onAddress: ({ address }) => log.push(address),
    onLost: (reason) => log.push(reason),
    onRoundFailed: (failures) => log.push(...failures.map(({ reason, name }) => `${reason}: ${name}`)),
  });
  station.start();
  driver.found = [formatFound({ ssid: "Home" })];
  driver.tell("scanned");
  driver.tell("disconnected", 15, { rssi: -60 });
  vi.advanceTimersByTime(10_000);
  driver.found = [formatFound({ ssid: "Home" })];
  driver.tell("scanned");
  driver.tell("associated", 6, { bssid: "02:00:00:00:aa:01" });
  driver.current = LEASE;
  driver.tell("address");
  expect(log).toEqual(["wrong-password: 15 4WAY_HANDSHAKE_TIMEOUT", "192.0.2.7"]);
  driver.tell("disconnected", 200);
  expect(log.at(-1)).toBe("association-lost");
  expect(driver.refused).toEqual([]);
  station.close();
});
