import { expect, test } from "vitest";
import { nearMiss } from "../../provisioning/near-miss";

const NAMES = ["Anna's Wi-Fi", "Home", "FRITZ!Box 7590", "Caf\u00e9", "Attic_2", "Loft \u{1F32C}"];

test.each([
  ["home", "Home"],
  ["Home ", "Home"],
  [" Home", "Home"],
  ["Hone", "Home"],
  ["Anna\u2019s Wi-Fi", "Anna's Wi-Fi"],
  ["anna\u00b4s  wi\u2013fi", "Anna's Wi-Fi"],
  ["Annas Wifi", "Anna's Wi-Fi"],
  ["FRITZ!Box 7590 5G", "FRITZ!Box 7590"],
  ["Home-5G", "Home"],
  ["FRITZ!Box", "FRITZ!Box 7590"],
  ["Cafe", "Caf\u00e9"],
  ["Attic-2", "Attic_2"],
  ["loft\u00a0\u{1F32C}", "Loft \u{1F32C}"],
])("%j may mean %j", (typed, meant) => {
  expect(nearMiss(typed, NAMES)).toBe(meant);
});

test("What is exactly there, or like nothing there, has no other meaning", () => {
  for (const typed of ["Home", "Office", "Hom", "H", "", "ho", "constructor", "x".repeat(32), "\ud800"])
    expect(nearMiss(typed, NAMES), typed).toBeUndefined();
  expect(nearMiss("Home", [])).toBeUndefined();
  expect(nearMiss("ab", ["cd"])).toBeUndefined();
});

test("The nearest comes first, then the strongest", () => {
  expect(nearMiss("Homes", ["Homeland", "Home", "Homez"])).toBe("Home");
  expect(nearMiss("home", ["HOME", "Home"])).toBe("HOME");
});
