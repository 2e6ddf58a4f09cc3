import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FOUND_LENGTH, parseBssid, parseFound } from "../../../wifi/esp32/found";
import { formatFound } from "../../support/fake-radio-driver";
import { fuzz } from "../../support/volume";

describe("parseFound", () => {
  it("reads what radio.c wrote", () => {
    const found = parseFound(
      formatFound({
        ssid: "Café",
        bssid: [0, 1, 0x7f, 0x80, 0xfe, 0xff],
        channel: 13,
        rssi: -91,
        authmode: 7,
      }),
    );
    expect(found).toEqual({
      ssid: "Café",
      ssidBytes: new TextEncoder().encode("Café"),
      bssid: "00:01:7f:80:fe:ff",
      channel: 13,
      rssi: -91,
      security: "wpa2-wpa3",
    });
  });

  it("leaves a hidden name empty", () => {
    expect(parseFound(formatFound({ ssid: "" }))?.ssid).toBe("");
  });

  it("gives the bytes alone where they are not UTF-8", () => {
    const ssidBytes = Uint8Array.of(0x4e, 0xff, 0xc3);
    expect(parseFound(formatFound({ ssid: ssidBytes }))).toMatchObject({ ssid: undefined, ssidBytes });
  });

  it("keeps all 32 bytes of a name", () => {
    expect(parseFound(formatFound({ ssid: "x".repeat(32) }))?.ssid).toBe("x".repeat(32));
  });

  it("keeps a byte order mark that is part of a name", () => {
    expect(parseFound(formatFound({ ssid: "\ufeffHome" }))?.ssid).toBe("\ufeffHome");
  });

  it.each([
    [0, "open"],
    [1, "wep"],
    [2, "wpa"],
    [3, "wpa2"],
    [4, "wpa-wpa2"],
    [5, "enterprise"],
    [6, "wpa3"],
    [7, "wpa2-wpa3"],
    [8, "unknown"],
    [9, "owe"],
    [10, "enterprise"],
    [13, "unknown"],
    [14, "enterprise"],
    [15, "enterprise"],
    [16, "enterprise"],
    [17, "unknown"],
    [255, "unknown"],
  ])("takes wifi_auth_mode_t %i for %s", (authmode, security) => {
    expect(parseFound(formatFound({ authmode }))?.security).toBe(security);
  });

  it.each([
    ["a channel that ESP-IDF gives no hint for", { channel: 14 }],
    ["no channel", { channel: 0 }],
    ["the address of a group", { bssid: [1, 0, 0x5e, 0, 0, 1] }],
    ["no address", { bssid: [0, 0, 0, 0, 0, 0] }],
  ])("takes an access point with %s for none", (_, fields) => {
    expect(parseFound(formatFound(fields))).toBeUndefined();
  });

  it("takes an access point whose name is too long for none", () => {
    const bytes = new Uint8Array(formatFound({}));
    bytes[0] = 33;
    expect(parseFound(bytes.buffer)).toBeUndefined();
  });

  it("throws for another length", () => {
    expect(() => parseFound(new ArrayBuffer(FOUND_LENGTH - 1))).toThrow(RangeError);
  });

  it("reads any 42 bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: FOUND_LENGTH, maxLength: FOUND_LENGTH }), (bytes) => {
        // Half of them are such as can be joined.
        bytes[0]! %= 34;
        bytes[39]! %= 16;
        const found = parseFound(bytes.slice().buffer);
        const unfit =
          bytes[0]! > 32 ||
          bytes[39]! < 1 ||
          bytes[39]! > 13 ||
          bytes[33]! & 1 ||
          !bytes.subarray(33, 39).some(Boolean);
        if (!found || unfit) return !found && Boolean(unfit);
        const { ssid, ssidBytes, bssid, rssi } = found;
        const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
        return (
          rssi === (bytes[40]! ^ 0x80) - 0x80 &&
          same(parseBssid(bssid), bytes.subarray(33, 39)) &&
          (ssid === undefined || same(Buffer.from(ssid), ssidBytes))
        );
      }),
      fuzz(),
    );
  });
});

it.each(["", "0a:1b", "0A:1B:2C:3D:4E:5F", "0a1b2c3d4e5f", "0a:1b:2c:3d:4e:5g", "0a:1b:2c:3d:4e:5f:60"])(
  "takes %j for no BSSID",
  (text) => {
    expect(() => parseBssid(text)).toThrow(RangeError);
  },
);
