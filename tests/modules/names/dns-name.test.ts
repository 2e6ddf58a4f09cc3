import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatName, isDnsName, readName } from "../../../modules/names/dns-name";
import { fuzz } from "../../support/volume";

const bytes = (...parts: (number | string)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [part.length, ...[...part].map((char) => char.charCodeAt(0))],
    ),
  );

describe("readName", () => {
  it("reads labels and tells where the name ends", () => {
    expect(readName(bytes(9, "mqtt", "example", 0, 1), 1)).toEqual({ name: "mqtt.example", end: 15 });
    expect(readName(bytes(0), 0)).toEqual({ name: "", end: 1 });
  });

  it("follows pointers and ends after the first of them", () => {
    const message = bytes("example", 0, "www", 0xc0, 0, "x", 0xc0, 9);
    expect(readName(message, 9)).toEqual({ name: "www.example", end: 15 });
    expect(readName(message, 15)).toEqual({ name: "x.www.example", end: 19 });
  });

  it("lowers the case and escapes what is no host name", () => {
    expect(readName(bytes("MqTT", "_a.b\\ \u0000\u00ff", 0), 0)?.name).toBe(
      "mqtt._a\\046b\\092\\032\\000\\255",
    );
  });

  it.each([
    ["a pointer to itself", bytes(0xc0, 0), 0],
    ["a pointer forward", bytes(0xc0, 2, 0), 0],
    ["a pointer back into the same labels", bytes("a", "b", 0xc0, 2), 0],
    ["two pointers at each other", bytes(0xc0, 2, 0xc0, 0), 2],
    ["half a pointer", bytes("a", 0xc0), 0],
    ["a label cut off", bytes(5, 97, 98), 0],
    ["no end", bytes("a"), 0],
    ["a label type of another kind", bytes(0x40, 0), 0],
    ["an offset past the end", bytes(0), 1],
  ])("refuses %s", (_what, message, offset) => {
    expect(readName(message, offset)).toBeUndefined();
  });

  it("reads a name of 255 bytes and refuses one of 256", () => {
    const label = "a".repeat(63);
    expect(readName(bytes(label, label, label, "b".repeat(61), 0), 0)?.name.length).toBe(253);
    expect(readName(bytes(label, label, label, "b".repeat(62), 0), 0)).toBeUndefined();
  });

  it("follows sixteen pointers and no more", () => {
    const chain = Uint8Array.from({ length: 36 }, (_, i) => (i % 2 === 0 ? 0xc0 : Math.max(0, i - 3)));
    chain.set([0, 0], 0);
    expect(readName(chain, 32)).toEqual({ name: "", end: 34 });
    expect(readName(chain, 34)).toBeUndefined();
  });

  it("never throws, hangs or exceeds its bounds on random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), (message, offset) => {
        const read = readName(message, offset);
        if (!read) return;
        expect(read.end).toBeGreaterThan(offset);
        expect(read.end).toBeLessThanOrEqual(message.length);
        expect(read.name.length).toBeLessThanOrEqual(255 * 4);
      }),
      fuzz(),
    );
  });

  it("never hangs on bytes made of pointers and short labels", () => {
    const byte = fc.oneof(fc.constantFrom(0xc0, 0, 1, 2), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 120 }), fc.nat(120), (message, offset) => {
        const read = readName(Uint8Array.from(message), offset);
        if (read) expect(read.end).toBeLessThanOrEqual(message.length);
      }),
      fuzz(),
    );
  });
});

const label = fc
  .string({
    unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-"),
    minLength: 1,
    maxLength: 63,
  })
  .filter((text) => !text.startsWith("-") && !text.endsWith("-"));
const hostName = fc
  .array(label, { minLength: 1, maxLength: 6 })
  .map((labels) => labels.join("."))
  .filter((name) => name.length <= 253 && !/(^|\.)\d+$/.test(name));

describe("formatName", () => {
  it("is read back by readName, in lower case", () => {
    fc.assert(
      fc.property(hostName, (name) => {
        const wire = formatName(name);
        expect(readName(wire, 0)).toEqual({ name: name.toLowerCase(), end: wire.length });
      }),
      fuzz(),
    );
  });

  it("throws for what is no host name", () => {
    expect(() => formatName("a..b")).toThrow(RangeError);
  });
});

describe("isDnsName", () => {
  it.each(["localhost", "mqtt.example.com", "a", "3com.com", "xn--bcher-kva.example", "1.2.3.4a"])(
    "takes %s",
    (name) => {
      expect(isDnsName(name)).toBe(true);
    },
  );

  it.each([
    "",
    ".",
    "example.com.",
    ".example",
    "a..b",
    "-a.example",
    "a-.example",
    "a_b.example",
    "bücher.example",
    "a b",
    "1.2.3.4",
    "example.123",
    "https://example.com",
    "a".repeat(64),
    `${"a.".repeat(126)}ab`,
  ])("refuses %j", (name) => {
    expect(isDnsName(name)).toBe(false);
  });
});
