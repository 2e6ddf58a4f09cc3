import { expect, test } from "vitest";
import { nearMiss } from "../../provisioning/near-miss";
import { listNetworks } from "../../provisioning/network-list";
import type { Network } from "../../wifi/network";
import { accessPoint } from "../support/fake-radio";

const NAMES = ["Anna's Wi-Fi", "Home", "FRITZ!Box 7590", "Caf\u00e9", "Attic_2", "Loft \u{1F32C}"];
const inReach = (...names: string[]) =>
  listNetworks(names.map((ssid, i) => accessPoint(ssid, { rssi: -40 - i, security: "wpa2" }))).listed;
const typed = (ssid: string, changes: Partial<Network> = {}): Network => ({
  ssid,
  password: "correct horse",
  ...changes,
});

test.each([
  ["home", "Home"],
  ["Home ", "Home"],
  [" Home", "Home"],
  ["Anna\u2019s Wi-Fi", "Anna's Wi-Fi"],
  ["anna\u00b4s  wi\u2013fi", "Anna's Wi-Fi"],
  ["Annas Wifi", "Anna's Wi-Fi"],
  ["FRITZ!Box 7590 5G", "FRITZ!Box 7590"],
  ["Home-5G", "Home"],
  ["FRITZ!Box", "FRITZ!Box 7590"],
  ["caf\u00c9", "Caf\u00e9"],
  ["Attic-2", "Attic_2"],
  ["loft\u00a0\u{1F32C}", "Loft \u{1F32C}"],
])("%j may mean %j", (name, meant) => {
  expect(nearMiss(typed(name), inReach(...NAMES))).toBe(meant);
});

test("What is exactly there, or like nothing there, has no other meaning", () => {
  for (const name of ["Home", "Office", "Hom", "H", "!", "ho", "constructor", "x".repeat(32), "\ud800"])
    expect(nearMiss(typed(name), inReach(...NAMES)), name).toBeUndefined();
  expect(nearMiss(typed("Home"), [])).toBeUndefined();
});

test("The same but for case and signs comes before the beginning of another, then the strongest", () => {
  expect(nearMiss(typed("homes"), inReach("Homes and more", "Homes!"))).toBe("Homes!");
  expect(nearMiss(typed("home"), inReach("HOME", "Home"))).toBe("HOME");
  expect(nearMiss(typed("home 5"), inReach("Home 50", "Home"))).toBe("Home 50");
});

test("Only what the same password and consent can join is meant: never an open twin, nor a weak one unasked", () => {
  const one = (security: "open" | "wep" | "wpa" | "enterprise") =>
    listNetworks([accessPoint("Home", { security })]).listed;
  const open: Network = { ssid: "home" };
  const legacy = typed("home", { allowLegacySecurity: true });
  expect(nearMiss(typed("home"), one("open"))).toBeUndefined();
  expect(nearMiss(legacy, one("open"))).toBeUndefined();
  expect(nearMiss(open, one("open"))).toBe("Home");
  expect(nearMiss(open, inReach("Home"))).toBeUndefined();
  for (const security of ["wep", "wpa"] as const) {
    expect(nearMiss(typed("home"), one(security))).toBeUndefined();
    expect(nearMiss(legacy, one(security))).toBe("Home");
  }
  expect(nearMiss(legacy, one("enterprise"))).toBeUndefined();
});
