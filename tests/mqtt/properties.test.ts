// Written from the text of MQTT 5 (OASIS Standard, 7 March 2019): table 2-4 and the sections of the packets.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Decoder } from "../../mqtt/decode";
import { arePropertiesSound } from "../../mqtt/properties";
import { fuzz } from "../support/volume";

const PACKETS = ["CONNACK", "PUBLISH", "PUBACK", "PUBREL", "SUBACK", "DISCONNECT"] as const;
type PacketName = (typeof PACKETS)[number];

/** Table 2-4, what a server may send to a client of ours: a value of the property, and where it may stand. */
const TABLE: Record<string, { id: number; value: number[]; in: readonly PacketName[]; repeats?: true }> = {
  "Payload Format Indicator": { id: 0x01, value: [1], in: ["PUBLISH"] },
  "Message Expiry Interval": { id: 0x02, value: [0, 0, 1, 0], in: ["PUBLISH"] },
  "Content Type": { id: 0x03, value: [0, 1, 0x61], in: ["PUBLISH"] },
  "Response Topic": { id: 0x08, value: [0, 1, 0x61], in: ["PUBLISH"] },
  "Correlation Data": { id: 0x09, value: [0, 2, 0, 1], in: ["PUBLISH"] },
  "Subscription Identifier": { id: 0x0b, value: [0x80, 1], in: ["PUBLISH"], repeats: true },
  "Session Expiry Interval": { id: 0x11, value: [0, 0, 0, 9], in: ["CONNACK"] },
  "Assigned Client Identifier": { id: 0x12, value: [0, 1, 0x61], in: ["CONNACK"] },
  "Server Keep Alive": { id: 0x13, value: [0, 0], in: ["CONNACK"] },
  "Authentication Method": { id: 0x15, value: [0, 1, 0x61], in: ["CONNACK"] },
  "Authentication Data": { id: 0x16, value: [0, 1, 0], in: ["CONNACK"] },
  "Request Problem Information": { id: 0x17, value: [1], in: [] },
  "Will Delay Interval": { id: 0x18, value: [0, 0, 0, 1], in: [] },
  "Request Response Information": { id: 0x19, value: [1], in: [] },
  "Response Information": { id: 0x1a, value: [0, 1, 0x61], in: ["CONNACK"] },
  "Server Reference": { id: 0x1c, value: [0, 1, 0x61], in: ["CONNACK", "DISCONNECT"] },
  "Reason String": {
    id: 0x1f,
    value: [0, 1, 0x61],
    in: ["CONNACK", "PUBACK", "PUBREL", "SUBACK", "DISCONNECT"],
  },
  "Receive Maximum": { id: 0x21, value: [0, 1], in: ["CONNACK"] },
  "Topic Alias Maximum": { id: 0x22, value: [0, 0], in: ["CONNACK"] },
  "Topic Alias": { id: 0x23, value: [0, 1], in: ["PUBLISH"] },
  "Maximum QoS": { id: 0x24, value: [1], in: ["CONNACK"] },
  "Retain Available": { id: 0x25, value: [1], in: ["CONNACK"] },
  "User Property": { id: 0x26, value: [0, 1, 0x61, 0, 0], in: PACKETS, repeats: true },
  "Maximum Packet Size": { id: 0x27, value: [0, 0, 1, 0], in: ["CONNACK"] },
  "Wildcard Subscription Available": { id: 0x28, value: [0], in: ["CONNACK"] },
  "Subscription Identifier Available": { id: 0x29, value: [0], in: ["CONNACK"] },
  "Shared Subscription Available": { id: 0x2a, value: [0], in: ["CONNACK"] },
};

/** A packet with these bytes as its properties, `length` in place of their own length. */
function packet(name: PacketName, properties: number[], length = [properties.length]): Uint8Array {
  const of = (first: number, head: number[], rest: number[] = []): Uint8Array => {
    const body = [...head, ...length, ...properties, ...rest];
    return Uint8Array.from([first, body.length, ...body]);
  };
  switch (name) {
    case "CONNACK":
      return of(0x20, [0, 0]);
    case "PUBLISH":
      return of(0x32, [0, 1, 0x74, 0, 7], [0x70]);
    case "PUBACK":
      return of(0x40, [0, 7, 0]);
    case "PUBREL":
      return of(0x62, [0, 7, 0]);
    case "SUBACK":
      return of(0x90, [0, 7], [1]);
    case "DISCONNECT":
      return of(0xe0, [0x8b]);
  }
}

const rows = Object.entries(TABLE).map(([name, row]) => ({ name, ...row, property: [row.id, ...row.value] }));

describe.each(PACKETS)("properties of %s", (name) => {
  it("may be none", () => {
    expect(arePropertiesSound(packet(name, []))).toBe(true);
  });

  it.each(rows)("$name is taken where the table has it, and nowhere else", ({ property, in: places }) => {
    expect(arePropertiesSound(packet(name, property))).toBe(places.includes(name));
  });

  it("are each there once, but for user properties and subscription identifiers", () => {
    for (const row of rows.filter(({ in: places }) => places.includes(name)))
      expect(arePropertiesSound(packet(name, [...row.property, ...row.property])), row.name).toBe(
        row.repeats === true,
      );
  });

  it("end where their length says", () => {
    const property = [0x26, 0, 1, 0x61, 0, 1, 0x62];
    for (let length = 0; length <= 20; length++)
      if (
        length !== property.length &&
        !(name === "PUBLISH" && length === 0) &&
        !(name === "SUBACK" && length === 0)
      )
        expect(arePropertiesSound(packet(name, property, [length])), `${length}`).toBe(false);
  });

  it("have a length of four bytes at most, in its shortest form", () => {
    expect(arePropertiesSound(packet(name, [], [0x80, 0]))).toBe(false);
    expect(arePropertiesSound(packet(name, [], [0x80, 0x80, 0x80, 0x80, 1]))).toBe(false);
  });

  it("are not unknown ones", () => {
    for (const id of [0x00, 0x04, 0x0a, 0x14, 0x20, 0x2b, 0x7f, 0xff])
      expect(arePropertiesSound(packet(name, [id, 1])), `${id}`).toBe(false);
  });
});

test.each([
  ["a Payload Format Indicator above 1", "PUBLISH", [0x01, 2]],
  ["a Subscription Identifier of 0", "PUBLISH", [0x0b, 0]],
  ["a Topic Alias of 0", "PUBLISH", [0x23, 0, 0]],
  ["an empty Response Topic", "PUBLISH", [0x08, 0, 0]],
  ["a Response Topic with a wildcard", "PUBLISH", [0x08, 0, 1, 0x23]],
  ["a Response Topic with a wildcard of one level", "PUBLISH", [0x08, 0, 1, 0x2b]],
  ["a Content Type with a null character", "PUBLISH", [0x03, 0, 1, 0]],
  ["a user property with a null character", "PUBLISH", [0x26, 0, 0, 0, 1, 0]],
  ["a Receive Maximum of 0", "CONNACK", [0x21, 0, 0]],
  ["a Maximum Packet Size of 0", "CONNACK", [0x27, 0, 0, 0, 0]],
  ["a Maximum QoS of 2", "CONNACK", [0x24, 2]],
  ["a Retain Available of 2", "CONNACK", [0x25, 2]],
] as const)("%s is none", (_what, name, property) => {
  expect(new Decoder(5).decode(packet(name, [...property]))).toBeUndefined();
});

test("Code and properties may be left out of PUBACK, PUBREL and DISCONNECT, not of SUBACK nor a CONNACK that accepts", () => {
  for (const bytes of [
    [0x40, 2, 0, 7],
    [0x40, 3, 0, 7, 0],
    [0x62, 2, 0, 7],
    [0xe0, 0],
    [0xe0, 1, 0x8b],
  ])
    expect(arePropertiesSound(Uint8Array.from(bytes)), `${bytes}`).toBe(true);
  expect(arePropertiesSound(Uint8Array.of(0x90, 2, 0, 7))).toBe(false);
  expect(arePropertiesSound(Uint8Array.of(0x20, 2, 0, 0))).toBe(false);
  // What a broker of 3.1.1 says to CONNECT of MQTT 5.
  expect(arePropertiesSound(Uint8Array.of(0x20, 2, 0, 1))).toBe(true);
});

test("The decoder of a connection takes no packet with a wrong property, and takes those of 3.1.1 as they are", () => {
  expect(new Decoder(5).decode(packet("PUBLISH", [0x21, 0, 1]))).toBeUndefined();
  expect(new Decoder(5).decode(packet("PUBLISH", [0x01, 1]))).toMatchObject({ topic: "t" });
  expect(new Decoder(4).decode(Uint8Array.of(0x30, 4, 0, 1, 0x74, 0x21))).toMatchObject({ topic: "t" });
});

test("Whatever the bytes, there is an answer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 40 }), (bytes) => {
      expect([true, false]).toContain(arePropertiesSound(bytes));
    }),
    fuzz(),
  );
});
