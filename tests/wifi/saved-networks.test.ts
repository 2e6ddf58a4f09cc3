import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Network } from "../../wifi/network";
import { formatLastGood, formatNetworks, parseLastGood, parseNetworks } from "../../wifi/saved-networks";
import { fuzz } from "../support/volume";

const FOUR: Network[] = [
  { ssid: "Home", password: "12345678" },
  { ssid: "Café 🎈" },
  { ssid: "Attic", password: "abcde", allowLegacySecurity: true },
  { ssid: "Secret", password: "0".repeat(64), hidden: true },
];

describe("saved networks", () => {
  it("come back as they were saved, in order", () => {
    expect(parseNetworks(formatNetworks(FOUR))).toEqual(FOUR);
    expect(parseNetworks("")).toEqual([]);
    expect(parseNetworks("[]")).toEqual([]);
  });

  it("fit their setting at their longest", () => {
    const longest: Network = {
      ssid: '"'.repeat(32),
      password: "\\".repeat(63),
      hidden: true,
      allowLegacySecurity: true,
    };
    expect(formatNetworks([longest, longest, longest, longest]).length).toBeLessThan(4_000);
  });

  it.each([
    "null",
    "{}",
    "[1]",
    "[null]",
    "[{}]",
    '[{"ssid":""}]',
    '[{"ssid":"a","password":"short"}]',
    '[{"ssid":"a","password":"abcde"}]',
    '[{"ssid":"a","password":1}]',
    '[{"ssid":"a","hidden":"yes"}]',
    JSON.stringify([...FOUR, FOUR[0]]),
    '[{"ssid":"a"',
  ])("are damaged when stored as %s", (text) => {
    expect(parseNetworks(text)).toBeUndefined();
  });

  it("never throw, and are joinable or damaged, whatever is stored", () => {
    const near = fc.json().map((json) => `[{"ssid":${json},"password":${json}}]`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), near), (text) => {
        const networks = parseNetworks(text);
        if (networks) expect(parseNetworks(formatNetworks(networks))).toEqual(networks);
        parseLastGood(text);
      }),
      fuzz(),
    );
  });
});

describe("the last good access point", () => {
  const good = { ssid: "Home", bssid: "0a:1b:2c:3d:4e:5f", channel: 6 };

  it("comes back as it was saved", () => {
    expect(parseLastGood(formatLastGood(good))).toEqual(good);
  });

  it.each([
    "",
    "{",
    "[]",
    JSON.stringify({ ...good, ssid: "" }),
    JSON.stringify({ ...good, bssid: "0A:1B:2C:3D:4E:5F" }),
    JSON.stringify({ ...good, bssid: "0a-1b-2c-3d-4e-5f" }),
    JSON.stringify({ ...good, channel: 0 }),
    JSON.stringify({ ...good, channel: 14 }),
    JSON.stringify({ ...good, channel: "6" }),
  ])("is none when stored as %s", (text) => {
    expect(parseLastGood(text)).toBeUndefined();
  });
});
