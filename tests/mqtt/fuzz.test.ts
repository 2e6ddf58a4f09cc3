import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import type { SocketCallbacks } from "../../modules/network/socket";
import { MqttSession, type SessionFailure } from "../../mqtt/session";
import { fuzz } from "../support/volume";
import { bytes, fakeClock } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

/** A session up to `CONNACK`, on a socket whose inbound bytes are given by hand, without timers. */
function bareSession(protocolVersion: 4 | 5, up: boolean) {
  const downs: SessionFailure[] = [];
  let largest = 0;
  let written = 0;
  let inbox: Uint8Array[] = [];
  let callbacks: SocketCallbacks | undefined;
  const session = new MqttSession({
    logger: silentLogger,
    clientId: "fuzz",
    protocolVersion,
    subscriptions: [{ topic: "command", qos: 1 }],
    onDown: (reason) => downs.push(reason),
    onMessage: (_topic, payload) => {
      largest = Math.max(largest, payload.length);
    },
  });
  session.connect((given) => {
    callbacks = given;
    return {
      read: () => inbox.shift()?.slice().buffer,
      write: (piece) => {
        written += piece.length;
      },
      close: () => {
        callbacks = undefined;
        inbox = [];
      },
    };
  });
  const feed = (chunk: Uint8Array) => {
    if (!callbacks) return;
    inbox.push(chunk);
    callbacks.onReadable(chunk.length);
    callbacks?.onWritable(100_000);
  };
  callbacks!.onWritable(100_000);
  if (up) {
    const packet = { cmd: "connack", sessionPresent: false, returnCode: 0, reasonCode: 0 };
    feed(generate(packet as Packet, { protocolVersion }));
    session.publish({ topic: "t", payload: bytes("x"), qos: 1 });
  }
  return { session, feed, downs, largest: () => largest, written: () => written };
}

/** However it ends, it ends as the contract says. */
function check(protocolVersion: 4 | 5, up: boolean, chunks: Uint8Array[]): void {
  const bare = bareSession(protocolVersion, up);
  for (const chunk of chunks) bare.feed(chunk);
  if (bare.session.state === "idle") expect(bare.downs).toHaveLength(1);
  else expect(bare.downs).toEqual([]);
  expect(bare.largest()).toBeLessThanOrEqual(4096);
  const inbound = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  // At most an acknowledgement of four bytes for each packet, the smallest of which has four.
  expect(bare.written()).toBeLessThanOrEqual(200 + inbound);
  bare.session.close();
}

const version = fc.constantFrom<4 | 5>(4, 5);
const chunks = fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 6 });

it("survives random bytes before and after CONNACK", () => {
  fc.assert(
    fc.property(version, fc.boolean(), chunks, (protocolVersion, up, given) =>
      check(protocolVersion, up, given),
    ),
    fuzz(),
  );
});

const id = fc.integer({ min: 0, max: 5 });
const properties = fc.record(
  {
    receiveMaximum: fc.nat(70_000),
    maximumPacketSize: fc.nat(),
    serverKeepAlive: fc.nat(65_535),
    reasonString: fc.string(),
    userProperties: fc.dictionary(fc.string(), fc.string()),
    topicAlias: fc.nat(10),
    subscriptionIdentifier: fc.nat(10),
  },
  { requiredKeys: [] },
);
const valid = fc
  .oneof(
    fc.record({
      cmd: fc.constant("publish"),
      topic: fc.string(),
      payload: fc.uint8Array({ maxLength: 200 }).map((payload) => Buffer.from(payload)),
      qos: fc.constantFrom(0, 1, 2),
      messageId: id,
      properties,
    }),
    fc.record({
      cmd: fc.constantFrom("puback", "pubrec", "pubrel", "pubcomp"),
      messageId: id,
      reasonCode: fc.nat(255),
      properties,
    }),
    fc.record({
      cmd: fc.constant("suback"),
      messageId: id,
      granted: fc.array(fc.nat(255), { minLength: 1, maxLength: 3 }),
      properties,
    }),
    fc.record({
      cmd: fc.constant("connack"),
      returnCode: fc.nat(255),
      reasonCode: fc.nat(255),
      sessionPresent: fc.boolean(),
      properties,
    }),
    fc.record({ cmd: fc.constantFrom("pingresp", "pingreq") }),
    fc.record({ cmd: fc.constant("disconnect"), reasonCode: fc.nat(255), properties }),
  )
  .map((packet) => packet as unknown as Packet);
const mutation = fc.record({
  at: fc.nat(300),
  value: fc.nat(255),
  kind: fc.constantFrom("set", "drop", "add"),
});

it("survives valid packets with bytes changed, dropped and added", () => {
  fc.assert(
    fc.property(
      version,
      fc.boolean(),
      fc.array(valid, { minLength: 1, maxLength: 4 }),
      fc.array(mutation, { maxLength: 3 }),
      fc.nat(300),
      (protocolVersion, up, packets, mutations, cutAt) => {
        const stream = packets.flatMap((packet) => {
          try {
            return [...generate(packet, { protocolVersion })];
          } catch {
            return []; // the generator itself refuses some property values
          }
        });
        for (const { at, value, kind } of mutations) {
          const place = at % (stream.length + 1);
          stream.splice(place, kind === "add" ? 0 : 1, ...(kind === "drop" ? [] : [value]));
        }
        const all = Uint8Array.from(stream);
        check(protocolVersion, up, [all.subarray(0, cutAt), all.subarray(cutAt)]);
      },
    ),
    fuzz(),
  );
});
