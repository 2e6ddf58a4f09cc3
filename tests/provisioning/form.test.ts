import fc from "fast-check";
import { expect, test } from "vitest";
import { hexOf, parseForm, queryValue, textFromHex } from "../../provisioning/form";
import { fuzz } from "../support/volume";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const form = (text: string): Record<string, string> | undefined => {
  const fields = parseForm(bytes(text));
  return fields && Object.fromEntries(fields);
};

test("Fields are decoded: plus, percent, UTF-8", () => {
  expect(form("a=b+c&d=%3D%26%2B&e=%F0%9F%8C%AC&f=&g&=h")).toEqual({
    a: "b c",
    d: "=&+",
    e: "🌬",
    f: "",
    g: "",
    "": "h",
  });
  expect(form("")).toEqual({});
  expect(form("&&a=1&a=2&")).toEqual({ a: "1" });
});

test("A broken escape, bytes that are not UTF-8 and a flood of fields are no form", () => {
  for (const text of ["a=%", "a=%4", "a=%zz", "a=%ff", "%c3=b"]) expect(form(text)).toBeUndefined();
  expect(form(Array.from({ length: 13 }, (_, i) => `f${i}=1`).join("&"))).toBeUndefined();
});

test("What a browser encodes comes back as it was", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(
    fc.property(text, text, (password, ssid) => {
      const body = new URLSearchParams({ password, ssid }).toString();
      expect(form(body)).toEqual({ password, ssid });
    }),
    fuzz(),
  );
});

test("Any bytes are a form or none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      parseForm(noise);
    }),
    fuzz(),
  );
});

test("Names pass as hex, whatever their bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 32 }), (ssid) => {
      expect(textFromHex(hexOf(bytes(ssid)))).toBe(ssid);
    }),
    fuzz(),
  );
  for (const hex of ["f", "zz", "ff", "c3"]) expect(textFromHex(hex)).toBeUndefined();
});

test("A value of a query string is found by its whole name", () => {
  expect(queryValue("part=1&attempt=7", "attempt")).toBe("7");
  expect(queryValue("xattempt=7", "attempt")).toBe("");
  expect(queryValue("", "attempt")).toBe("");
});
