import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import type { OnDriverEvent } from "../../../wifi/esp32/driver";
import { Esp32AccessPoint, RETRY_MS } from "../../../wifi/esp32/esp32-access-point";
import { openEsp32Radio } from "../../../wifi/esp32/open-radio";
import { FakeRadioDriver } from "../../support/fake-radio-driver";

const OPTIONS = { ssid: "Aerolink-AABBCC", password: "K7MW-4QXN", channel: 6, address: "10.187.204.1" };

let driver: FakeRadioDriver;
let accessPoint: Esp32AccessPoint;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  driver = new FakeRadioDriver();
  accessPoint = new Esp32AccessPoint({ log: silentLogger, driver });
});
afterEach(() => vi.useRealTimers());

it("opens with what it was given, and serves DNS and HTTP where phones look for them", () => {
  accessPoint.start(OPTIONS);
  expect(driver.accessPoints).toEqual([["Aerolink-AABBCC", "K7MW-4QXN", 6, "10.187.204.1"]]);
  expect(accessPoint.address).toBe("10.187.204.1");
  expect(accessPoint.ports).toEqual({ dns: 53, http: 80 });
});

it("opens without a password where there is none", () => {
  const { password: _, ...open } = OPTIONS;
  accessPoint.start(open);
  expect(driver.accessPoints[0]?.[1]).toBe("");
});

it("moves to another subnet while it is open", () => {
  accessPoint.start(OPTIONS);
  accessPoint.start({ ...OPTIONS, address: "10.59.204.1" });
  expect(driver.accessPoints.at(-1)?.[3]).toBe("10.59.204.1");
  expect(accessPoint.address).toBe("10.59.204.1");
});

describe("a driver that refuses", () => {
  it("is asked again every second until it opens", () => {
    driver.refuseAccessPoints = 2;
    accessPoint.start(OPTIONS);
    vi.advanceTimersByTime(RETRY_MS);
    expect(driver.accessPointIsOpen).toBe(false);
    vi.advanceTimersByTime(RETRY_MS);
    expect(driver.accessPointIsOpen).toBe(true);
    vi.advanceTimersByTime(10 * RETRY_MS);
    expect(driver.accessPoints).toHaveLength(1);
  });

  it("is not asked again once the access point is not wanted", () => {
    driver.refuseAccessPoints = 1;
    accessPoint.start(OPTIONS);
    accessPoint.stop();
    vi.advanceTimersByTime(10 * RETRY_MS);
    expect(driver.accessPoints).toEqual([]);
  });
});

it("counts phones while it is open, and tells of each change", () => {
  let told = 0;
  accessPoint.onClients = () => told++;
  driver.phoneCount = 1;
  accessPoint.phonesChanged();
  expect([accessPoint.clients, told]).toEqual([0, 0]);
  accessPoint.start(OPTIONS);
  accessPoint.phonesChanged();
  expect([accessPoint.clients, told]).toEqual([1, 1]);
});

it("closes once, and is then nowhere", () => {
  accessPoint.start(OPTIONS);
  accessPoint.stop();
  accessPoint.stop();
  expect([driver.accessPointIsOpen, driver.closings]).toEqual([false, 1]);
  expect([accessPoint.address, accessPoint.clients]).toEqual(["0.0.0.0", 0]);
});

describe("openEsp32Radio", () => {
  let hostnames: string[];
  class Driver extends FakeRadioDriver {
    constructor(hostname: string, onEvent: OnDriverEvent) {
      super();
      hostnames.push(hostname);
      this.onEvent = onEvent;
      driver = this;
    }
    static mac() {
      return "a4:cf:12:aa:bb:cc";
    }
  }
  beforeEach(() => {
    hostnames = [];
  });

  it("knows the MAC before the first join, and names the device after it to DHCP servers", () => {
    expect(openEsp32Radio(Driver, silentLogger).radio.mac).toBe("a4:cf:12:aa:bb:cc");
    expect(hostnames).toEqual(["Aerolink-AABBCC"]);
  });

  it("takes each event where it belongs", () => {
    const opened = openEsp32Radio(Driver, silentLogger);
    const events: string[] = [];
    opened.radio.onEvent = ({ type }) => events.push(type);
    opened.accessPoint.onClients = () => events.push("phones");
    opened.accessPoint.start(OPTIONS);
    opened.radio.connect({ ssid: "Home" });
    driver.tell("phones");
    driver.tell("associated", 1);
    expect(events).toEqual(["phones", "associated"]);
  });
});
