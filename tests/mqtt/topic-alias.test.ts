import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Script } from "../support/scripted-broker";
import { bytes, fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

const TOPIC = "aerolink/v1/aerolink-02005e102030/telemetry";
const takes = (properties: object, more: Script = {}): Script => ({
  version: 5,
  connack: { properties },
  ...more,
});

/** How each PUBLISH named its topic. */
const namings = (packets: { topic: string; properties?: { topicAlias?: number } }[]) =>
  packets.map(({ topic, properties }) => [topic, properties?.topicAlias]);

it("names the topic of readings once on a connection, and then by its alias", async () => {
  const { connect, publish } = startSession({ protocolVersion: 5 });
  const { broker } = await connect(takes({ topicAliasMaximum: 10 }));
  const outcomes = ["a", "b", "c"].map((payload) => publish(TOPIC, payload).outcomes);
  await pass(10);
  expect(namings(broker.of("publish"))).toEqual([
    [TOPIC, 1],
    ["", 1],
    ["", 1],
  ]);
  expect(broker.of("publish").map(({ payload }) => String(payload))).toEqual(["a", "b", "c"]);
  expect(outcomes.flat()).toEqual(["acknowledged", "acknowledged", "acknowledged"]);
});

it("gives the alias to the other topic of readings when they move there", async () => {
  const { connect, publish } = startSession({ protocolVersion: 5 });
  const { broker } = await connect(takes({ topicAliasMaximum: 10 }));
  for (const topic of [TOPIC, TOPIC, `${TOPIC}/zd1`, `${TOPIC}/zd1`, TOPIC]) {
    publish(topic, "a");
    await pass(10);
  }
  expect(namings(broker.of("publish"))).toEqual([
    [TOPIC, 1],
    ["", 1],
    [`${TOPIC}/zd1`, 1],
    ["", 1],
    [TOPIC, 1],
  ]);
});

it.each([
  ["a broker that takes no alias", 5, {}],
  ["a broker that says so", 5, { topicAliasMaximum: 0 }],
  ["MQTT 3.1.1", 4, undefined],
] as const)("names it each time to %s", async (_what, version, properties) => {
  const { connect, publish } = startSession({ protocolVersion: version });
  const { broker } = await connect({ version, connack: { ...(properties && { properties }) } });
  publish(TOPIC, "a");
  publish(TOPIC, "b");
  await pass(10);
  expect(namings(broker.of("publish"))).toEqual([
    [TOPIC, undefined],
    [TOPIC, undefined],
  ]);
});

it("names all other topics each time", async () => {
  const { session, connect, publish } = startSession({ protocolVersion: 5 });
  const { broker } = await connect(takes({ topicAliasMaximum: 10 }));
  publish(TOPIC, "a");
  session.publish({ topic: "x/status", payload: bytes("s"), qos: 1, kind: "word" });
  session.publish({ topic: "x/state", payload: bytes("s"), qos: 1, kind: "announcement" });
  publish(TOPIC, "b");
  await pass(10);
  const named = namings(broker.of("publish"));
  expect(named.filter(([, alias]) => alias === undefined)).toEqual([
    ["x/status", undefined],
    ["x/state", undefined],
  ]);
});

it("knows no alias of a connection of before: what is sent again names its topic, with DUP", async () => {
  const { connect, publish } = startSession({ protocolVersion: 5 });
  const first = await connect(takes({ topicAliasMaximum: 1 }, { puback: false }));
  publish(TOPIC, "a");
  publish(TOPIC, "b");
  await pass(10);
  expect(namings(first.broker.of("publish"))).toEqual([
    [TOPIC, 1],
    ["", 1],
  ]);
  first.wire.end("closed");
  const second = await connect(
    takes({ topicAliasMaximum: 1 }, { connack: { sessionPresent: true, properties: {} } }),
  );
  expect(namings(second.broker.of("publish"))).toEqual([
    [TOPIC, undefined],
    [TOPIC, undefined],
  ]);
  expect(second.broker.of("publish").map(({ payload, dup }) => [String(payload), dup])).toEqual([
    ["a", true],
    ["b", true],
  ]);
});

it("says what the broker knew by alias to one of 3.1.1 in full", async () => {
  const { connect, publish } = startSession({ protocolVersion: 5 });
  const first = await connect(takes({ topicAliasMaximum: 1 }, { puback: false }));
  publish(TOPIC, "a");
  publish(TOPIC, "b");
  await pass(10);
  first.wire.end("closed");
  await connect({ version: 5, connack: { code: 0x84 } });
  const third = await connect({ version: 4 });
  expect(third.broker.of("publish").map(({ topic, payload }) => [topic, String(payload)])).toEqual([
    [TOPIC, "a"],
    [TOPIC, "b"],
  ]);
});

it("does without an alias where the packet that introduces it would be too large", async () => {
  const { connect, publish } = startSession({ protocolVersion: 5 });
  // Fixed header 2, topic 2 + 43, id 2, properties 1.
  const { broker } = await connect(takes({ topicAliasMaximum: 1, maximumPacketSize: 50 + 5 + 2 }));
  publish(TOPIC, "12345");
  publish(TOPIC, "1");
  publish(TOPIC, "12345");
  await pass(10);
  expect(namings(broker.of("publish"))).toEqual([
    [TOPIC, undefined],
    [TOPIC, 1],
    ["", 1],
  ]);
});

it("keeps every broker's books: an alias is never used before that connection has named it", async () => {
  const step = fc.record({
    messages: fc.array(fc.constantFrom("t/a", "t/b"), { maxLength: 6 }),
    aliases: fc.nat({ max: 2 }),
    answers: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      const { session, connect, publish } = startSession({ protocolVersion: 5 });
      const wanted: string[] = [];
      const got = new Set<string>();
      let count = 0;
      for (const { messages, aliases, answers } of [...steps, { messages: [], aliases: 1, answers: true }]) {
        const { wire, broker } = await connect(takes({ topicAliasMaximum: aliases }, { puback: answers }));
        for (const topic of messages)
          if (publish(topic, String(++count)).taken) wanted.push(`${topic} ${count}`);
        await pass(50);
        const known = new Map<number, string>();
        for (const { topic, payload, properties } of broker.of("publish")) {
          const alias = properties?.topicAlias;
          if (alias !== undefined) {
            expect(alias).toBeGreaterThanOrEqual(1);
            expect(alias).toBeLessThanOrEqual(aliases);
            if (topic !== "") known.set(alias, topic);
            expect(known.has(alias)).toBe(true);
          }
          got.add(`${topic || known.get(alias!)} ${payload}`);
        }
        wire.end("closed");
        await pass(10);
      }
      expect([...got].sort()).toEqual(wanted.sort());
      session.close();
    }),
    { numRuns: 60 },
  );
});
