import { expect, test } from "vitest";
import { createSetupPassword, deviceIdOf, parseMac, setupSsidOf } from "../../../tools/identity/naming";

test.each(["a4:cf:12:aa:bb:cc", "A4-CF-12-AA-BB-CC", "a4cf12aabbcc"])("%s is a MAC address", (text) => {
  expect(parseMac(text)).toBe("a4:cf:12:aa:bb:cc");
});

test.each([
  "",
  "a4:cf:12:aa:bb",
  "a4:cf:12:aa:bb:cc:",
  "a4:cf-12:aa:bb:cc",
  "a4cf12aabbcg",
  "ff:ff:ff:ff:ff:ff",
  "01:00:5e:00:00:01",
])('"%s" is not a board\'s MAC address', (text) => {
  expect(parseMac(text)).toBeUndefined();
});

test("id and setup network follow from the MAC", () => {
  expect(deviceIdOf("a4:cf:12:aa:bb:cc")).toBe("aerolink-a4cf12aabbcc");
  expect(setupSsidOf("a4:cf:12:aa:bb:cc")).toBe("Aerolink-AABBCC");
});

test("setup passwords are long enough for WPA2, readable, and each its own", () => {
  const passwords = Array.from({ length: 500 }, createSetupPassword);
  for (const password of passwords) {
    expect(password).toMatch(/^[acdefhjkmnprtuvwxy34679]{12}$/);
    expect(password).not.toMatch(/^[0-9a-f]+$/);
  }
  expect(new Set(passwords).size).toBe(500);
});
