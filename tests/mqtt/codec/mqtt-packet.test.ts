import { readFileSync } from "node:fs";
import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import {
  type ParsedPacket,
  Parser,
  type ProtocolVersion,
  writeToStream,
} from "../../../mqtt/codec/mqtt-packet";
import { fuzz } from "../../support/volume";

function encode(packet: object, protocolVersion: ProtocolVersion): Uint8Array {
  const chunks: Uint8Array[] = [];
  let fault: Error | undefined;
  const written = writeToStream(
    packet,
    {
      write: (chunk) => chunks.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk) > 0,
      destroy: (error) => {
        fault = error;
      },
    },
    { protocolVersion },
  );
  if (!written) throw fault;
  return Buffer.concat(chunks);
}

function parse(bytes: Uint8Array, protocolVersion: ProtocolVersion): ParsedPacket {
  let packet: ParsedPacket | undefined;
  const parser = Parser.parser({ protocolVersion }).on("packet", (parsed) => {
    packet = parsed;
  });
  parser.parse(bytes);
  if (!packet) throw new Error("no packet");
  return packet;
}

const text = fc.string({ unit: "grapheme", maxLength: 40 });
const id = fc.integer({ min: 1, max: 65535 });
const bytes = fc.uint8Array({ maxLength: 300 });
const qos = fc.constantFrom(0, 1, 2);
const packets = fc.oneof(
  fc.record({
    cmd: fc.constant("connect"),
    clientId: text.filter((value) => value !== ""),
    clean: fc.boolean(),
    keepalive: fc.nat(65535),
    will: fc.option(
      fc.record({ topic: text.filter((value) => value !== ""), payload: bytes, qos, retain: fc.boolean() }),
      { nil: undefined },
    ),
    properties: fc.record({ sessionExpiryInterval: fc.nat(), maximumPacketSize: fc.integer({ min: 1 }) }),
  }),
  fc.record({
    cmd: fc.constant("publish"),
    topic: text,
    payload: bytes,
    qos,
    dup: fc.boolean(),
    retain: fc.boolean(),
    messageId: id,
  }),
  fc.record({
    cmd: fc.constantFrom("puback", "pubrec", "pubrel", "pubcomp"),
    messageId: id,
    reasonCode: fc.constant(0),
  }),
  fc.record({
    cmd: fc.constant("subscribe"),
    messageId: id,
    subscriptions: fc.array(fc.record({ topic: text, qos }), { minLength: 1, maxLength: 5 }),
  }),
  fc.record({ cmd: fc.constantFrom("pingreq", "pingresp"), reasonCode: fc.constant(0) }),
  fc.record({ cmd: fc.constant("disconnect"), reasonCode: fc.constant(0) }),
);

describe("the mqtt-packet bundle", () => {
  it("writes the bytes that the package writes, for both protocol versions", () => {
    fc.assert(
      fc.property(packets, fc.constantFrom<ProtocolVersion>(4, 5), (packet, protocolVersion) => {
        const wanted = { ...packet, protocolVersion } as unknown as Packet & { payload?: Uint8Array };
        const buffers = structuredClone(wanted) as { payload?: Uint8Array; will?: { payload: Uint8Array } };
        if (buffers.payload) buffers.payload = Buffer.from(buffers.payload);
        if (buffers.will) buffers.will.payload = Buffer.from(buffers.will.payload);
        const expected = generate(buffers as unknown as Packet, { protocolVersion });
        expect(Buffer.from(encode(wanted, protocolVersion)).equals(expected)).toBe(true);
      }),
      fuzz(2000),
    );
  });

  it("reads a topic and a payload back, whatever the characters", () => {
    fc.assert(
      fc.property(text, bytes, id, (topic, payload, messageId) => {
        const packet = parse(encode({ cmd: "publish", topic, payload, qos: 1, messageId }, 4), 4);
        expect(packet).toMatchObject({ cmd: "publish", topic, messageId, qos: 1 });
        expect([...(packet.payload ?? [])]).toEqual([...payload]);
      }),
      fuzz(500),
    );
  });

  it("keeps a byte order mark in a topic", () => {
    expect(parse(Uint8Array.of(0x30, 6, 0, 4, 0xef, 0xbb, 0xbf, 0x61), 4).topic).toBe("\ufeffa");
  });

  it.each([
    ["a topic that is not UTF-8", [0x30, 4, 0, 2, 0xff, 0xfe]],
    ["a surrogate encoded in UTF-8", [0x30, 5, 0, 3, 0xed, 0xa0, 0x80]],
    ["a CONNACK without its return code", [0x20, 1, 0]],
    ["a PUBACK of one byte", [0x40, 1, 0]],
  ])("gives no valid packet for %s", (_name, raw) => {
    let packet: ParsedPacket | undefined;
    try {
      packet = parse(Uint8Array.from(raw), 4);
    } catch {
      return;
    }
    expect(packet.returnCode ?? packet.messageId ?? -1).toBeLessThan(0);
  });

  it("keeps no state in module scope, so that XS preloads it into flash", () => {
    const source = readFileSync(new URL("../../../mqtt/codec/mqtt-packet.js", import.meta.url), "utf8");
    expect(source).not.toMatch(/^(var|let) /m);
    expect(source).not.toMatch(/\brequire\b|\bdebug\b|__commonJS|varByteIntCache/);
    expect([...source.matchAll(/^import .* from "(.*)";$/gm)].map((match) => match[1])).toEqual([
      "text/decoder",
      "text/encoder",
    ]);
  });
});
