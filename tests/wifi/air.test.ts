import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import { isBssid, isChannel, MAX_FOUND } from "../../wifi/air";
import { Esp32Radio } from "../../wifi/esp32/esp32-radio";
import { FOUND_LENGTH } from "../../wifi/esp32/found";
import { WiFiStation } from "../../wifi/station";
import { accessPoint, FakeRadio } from "../support/fake-radio";
import { FakeRadioDriver, formatFound } from "../support/fake-radio-driver";
import { fuzz } from "../support/volume";

const HOME = { ssid: "Home", password: "correct horse" };
const OPTIONS = { uptimeMs: () => 0, random: () => 0.5, onAddress() {}, onLost() {}, onRoundFailed() {} };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => vi.useRealTimers());

/** The firmware's own station and radio over a driver that throws at what the native throws at. */
function device() {
  const driver = new FakeRadioDriver();
  const radio = new Esp32Radio({ log: silentLogger, driver, mac: "02:00:00:00:00:01" });
  driver.onEvent = (...event) => radio.take(...event);
  const station = new WiFiStation({ log: silentLogger, ...OPTIONS, radio, networks: [HOME] });
  station.start();
  const hear = (...found: ArrayBuffer[]): void => {
    driver.found = found;
    driver.tell("scanned");
  };
  return { driver, station, hear };
}

describe("What the air brings", () => {
  it("cannot end the firmware: an access point of the saved name on channel 14 is none", () => {
    const { driver, station, hear } = device();
    hear(
      formatFound({ channel: 14, rssi: -40 }),
      formatFound({ channel: 6, rssi: -60, bssid: [2, 0, 0, 0, 0xaa, 2] }),
    );
    expect(driver.connects).toMatchObject([{ channel: 6, bssid: [2, 0, 0, 0, 0xaa, 2] }]);
    station.close();
  });

  it("cannot end it later either, when it associated on a channel that no native takes", () => {
    const { driver, station, hear } = device();
    hear(formatFound({}));
    driver.tell("associated", 14);
    driver.current = ["192.0.2.7", "192.0.2.1", "192.0.2.1", ""];
    driver.tell("address");
    expect(station.state).toBe("online");
    driver.tell("disconnected", 200);
    expect(driver.connects.at(-1)?.channel).toBe(0);
    station.close();
  });

  it("may be any bytes", () => {
    const record = fc.uint8Array({ minLength: FOUND_LENGTH, maxLength: FOUND_LENGTH }).map((bytes) => {
      // Of the saved name, so that it is tried.
      bytes.set([4, 0x48, 0x6f, 0x6d, 0x65]);
      bytes[39]! %= 18;
      return bytes.slice().buffer;
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), fc.nat(255), (records, number) => {
        const { driver, station, hear } = device();
        hear(...records);
        driver.tell("associated", number);
        driver.tell("disconnected", number);
        vi.advanceTimersByTime(60_000);
        station.close();
      }),
      fuzz(300),
    );
  });

  it("reaches a saved network also beyond the forty access points that a scan can keep", () => {
    const radio = new FakeRadio();
    const station = new WiFiStation({ log: silentLogger, ...OPTIONS, radio, networks: [HOME] });
    station.start();
    radio.found(
      ...Array.from({ length: MAX_FOUND }, (_, id) => accessPoint(`Neighbour ${id}`, { id: id + 1 })),
    );
    expect(radio.scans).toEqual([{}, { ssid: "Home" }]);
    radio.found(accessPoint("Home", { id: 77, rssi: -88 }));
    expect(radio.lastConnect?.ssid).toBe("Home");
    station.close();
  });
});

describe("The boundary", () => {
  it.each([0, 14, 36, 6.5, -1, Number.NaN])("takes %s for no channel", (channel) => {
    expect(isChannel(channel)).toBe(false);
  });

  it.each([
    "",
    "0A:1B:2C:3D:4E:5F",
    "0a-1b-2c-3d-4e-5f",
    "01:00:5e:00:00:01",
    "ff:ff:ff:ff:ff:ff",
    "00:00:00:00:00:00",
  ])("takes %j for no station", (text) => {
    expect(isBssid(text)).toBe(false);
  });
});
