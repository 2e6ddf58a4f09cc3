import { describe, expect, it } from "vitest";
import type { Network } from "../../wifi/network";
import type { Security } from "../../wifi/radio";
import { fits, leastOf, withFloor } from "../../wifi/security";

const OPEN: Network = { ssid: "Home" };
const HOME: Network = { ssid: "Home", password: "correct horse" };
const LEGACY: Network = { ...HOME, allowLegacySecurity: true };
const ALL: Security[] = [
  "open",
  "owe",
  "wep",
  "wpa",
  "wpa-wpa2",
  "wpa2",
  "wpa2-wpa3",
  "wpa3",
  "enterprise",
  "unknown",
];

describe("An access point fits a network", () => {
  it.each<[string, Network, Security[]]>([
    ["without a password", OPEN, ["open", "unknown"]],
    ["with one", HOME, ["wpa-wpa2", "wpa2", "wpa2-wpa3", "wpa3", "unknown"]],
    [
      "for which a person accepted less",
      LEGACY,
      ["wep", "wpa", "wpa-wpa2", "wpa2", "wpa2-wpa3", "wpa3", "unknown"],
    ],
    [
      "that had WPA when it was saved",
      { ...LEGACY, least: 2 },
      ["wpa", "wpa-wpa2", "wpa2", "wpa2-wpa3", "wpa3", "unknown"],
    ],
    [
      "that had WPA2 then, whatever was accepted",
      { ...LEGACY, least: 3 },
      ["wpa-wpa2", "wpa2", "wpa2-wpa3", "wpa3", "unknown"],
    ],
    ["that had WPA3 then", { ...HOME, least: 4 }, ["wpa2-wpa3", "wpa3", "unknown"]],
  ])("%s: of these securities alone", (_, network, securities) => {
    expect(ALL.filter((each) => fits(network, each))).toEqual(securities);
  });
});

describe("What a network promises by its security", () => {
  it.each<[Network, Security | undefined, Network["least"]]>([
    [HOME, "wpa3", 4],
    [HOME, "wpa2-wpa3", undefined],
    [HOME, "wpa2", undefined],
    [HOME, "unknown", undefined],
    [HOME, undefined, undefined],
    [LEGACY, "wpa2", 3],
    [LEGACY, "wpa-wpa2", 3],
    [LEGACY, "wpa", 2],
    [LEGACY, "wep", undefined],
    [OPEN, "open", undefined],
    [{ ...LEGACY, least: 2 }, "wpa3", 2],
  ])("is learned once, where it is more than was asked for: %j, %s", (network, security, least) => {
    const learned = withFloor(network, security);
    expect(learned.least).toBe(least);
    if (least === network.least) expect(learned).toBe(network);
    else expect(leastOf(learned)).toBe(least);
  });
});
