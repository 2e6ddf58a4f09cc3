import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CredentialsInput, parseCredentials } from "../../provisioning/credentials";
import { formatNetworks, parseNetworks } from "../../wifi/saved-networks";
import { fuzz } from "../support/volume";

const HEX64 = "0123456789abcdefABCDEF0123456789".repeat(2);

describe("parseCredentials", () => {
  it.each<[string, CredentialsInput, object]>([
    ["an open network", { ssid: "Café", password: "" }, { ssid: "Café" }],
    ["no password field", { ssid: "Café" }, { ssid: "Café" }],
    ["eight characters", { ssid: "a", password: "12345678" }, { ssid: "a", password: "12345678" }],
    ["63 characters", { ssid: "a", password: "~".repeat(63) }, { ssid: "a", password: "~".repeat(63) }],
    ["64 hex digits", { ssid: "a", password: HEX64 }, { ssid: "a", password: HEX64 }],
    ["spaces, kept", { ssid: " a ", password: " 1234567 " }, { ssid: " a ", password: " 1234567 " }],
    ["32 bytes of emoji", { ssid: "🎈".repeat(8) }, { ssid: "🎈".repeat(8) }],
    ["a hidden network", { ssid: "a", hidden: "on" }, { ssid: "a", hidden: true }],
    [
      "a WEP key by choice",
      { ssid: "a", password: "12345", allowLegacySecurity: true },
      { ssid: "a", password: "12345", allowLegacySecurity: true },
    ],
    [
      "a long WEP key in hex by choice",
      { ssid: "a", password: "0123456789abcdef0123456789", allowLegacySecurity: "on" },
      { ssid: "a", password: "0123456789abcdef0123456789", allowLegacySecurity: true },
    ],
  ])("takes %s", (_, input, network) => {
    expect(parseCredentials(input)).toEqual({ network });
  });

  it.each<[CredentialsInput, string]>([
    [{}, "ssid-missing"],
    [{ ssid: "" }, "ssid-missing"],
    [{ ssid: "x".repeat(33) }, "ssid-too-long"],
    [{ ssid: `${"🎈".repeat(8)}x` }, "ssid-too-long"],
    [{ ssid: "ü".repeat(17) }, "ssid-too-long"],
    [{ ssid: "a\0b" }, "ssid-malformed"],
    [{ ssid: "\udc00" }, "ssid-malformed"],
    [{ ssid: "a", password: "1234567" }, "password-too-short"],
    [{ ssid: "a", password: "12345" }, "password-wep-only"],
    [{ ssid: "a", password: "123456", allowLegacySecurity: true }, "password-too-short"],
    [{ ssid: "a", password: "x".repeat(64) }, "password-too-long"],
    [{ ssid: "a", password: "x".repeat(65) }, "password-too-long"],
    [{ ssid: "a", password: "pässwörter" }, "password-characters"],
    [{ ssid: "a", password: "tab\tulator" }, "password-characters"],
    [{ ssid: "a", password: "12345678\x7f" }, "password-characters"],
    [{ ssid: 1 }, "malformed"],
    [{ ssid: "a", password: null }, "malformed"],
    [{ ssid: "a", hidden: "maybe" }, "malformed"],
    [{ ssid: "a", allowLegacySecurity: 1 }, "malformed"],
  ])("refuses %j as %s", (input, fault) => {
    expect(parseCredentials(input)).toEqual({ fault });
  });

  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 70 }),
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.string({ maxLength: 70 }),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdefAF"), minLength: 60, maxLength: 66 }),
  );
  const flag = fc.constantFrom(undefined, true, false, "on", "", "off");

  it("accepts only what a radio can use and what can be saved", () => {
    fc.assert(
      fc.property(text, text, flag, flag, (ssid, password, hidden, allowLegacySecurity) => {
        const parsed = parseCredentials({ ssid, password, hidden, allowLegacySecurity });
        if ("fault" in parsed) return;
        const { network } = parsed;
        const bytes = new TextEncoder().encode(network.ssid);
        expect(bytes.length).toBeGreaterThanOrEqual(1);
        expect(bytes.length).toBeLessThanOrEqual(32);
        expect(new TextDecoder().decode(bytes)).toBe(network.ssid);
        if (network.password !== undefined && !network.allowLegacySecurity)
          expect(network.password).toMatch(/^([\x20-\x7e]{8,63}|[\da-fA-F]{64})$/);
        expect(parseNetworks(formatNetworks([network]))).toEqual([network]);
      }),
      fuzz(),
    );
  });

  it("refuses no good pair", () => {
    const ssid = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((each) => new TextEncoder().encode(each).length <= 32);
    const password = fc.oneof(
      fc.string({ minLength: 8, maxLength: 63 }),
      fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 64, maxLength: 64 }),
    );
    fc.assert(
      fc.property(ssid, password, (goodSsid, goodPassword) => {
        expect(parseCredentials({ ssid: goodSsid, password: goodPassword })).toEqual({
          network: { ssid: goodSsid, password: goodPassword },
        });
      }),
      fuzz(),
    );
  });

  it("never throws, whatever is sent", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (ssid, password, hidden) => {
        parseCredentials({ ssid, password, hidden, allowLegacySecurity: ssid });
      }),
      fuzz(),
    );
  });
});
