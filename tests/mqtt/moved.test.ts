import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import { MqttSession, type SessionOptions } from "../../mqtt/session";
import { MemoryWire } from "../support/memory-socket";
import { type Script, ScriptedBroker } from "../support/scripted-broker";
import { bytes, fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

/** Options that are others from the moment on in which `move` is called; what must not change does not. */
function movable(before: Partial<SessionOptions>, after: Partial<SessionOptions>) {
  const options: Record<string, unknown> = { logger: silentLogger };
  let now = before;
  for (const name of Object.keys({ ...before, ...after }) as (keyof SessionOptions)[])
    Object.defineProperty(options, name, { get: () => now[name], enumerable: true });
  return {
    options: options as Partial<SessionOptions>,
    move: () => {
      now = after;
    },
  };
}

const AT_HOME = {
  clientId: "one",
  topicPrefix: "a/1",
  protocolVersion: 5,
  subscriptions: [{ topic: "a/1/command", qos: 1 }],
} as const;
const AWAY = {
  clientId: "two",
  topicPrefix: "b",
  protocolVersion: 5,
  user: "we",
  subscriptions: [{ topic: "b/command", qos: 1 }],
} as const;

it("sends user name and password, and the name alone where there is no password", async () => {
  for (const protocolVersion of [4, 5] as const) {
    const both = startSession({ protocolVersion, user: "we", password: "päss" });
    const [connect] = (await both.connect()).broker.of("connect");
    expect([connect!.username, String(connect!.password)]).toEqual(["we", "päss"]);
    const alone = startSession({ protocolVersion, user: "we" });
    const [bare] = (await alone.connect()).broker.of("connect");
    expect([bare!.username, bare!.password]).toEqual(["we", undefined]);
    // [MQTT-3.1.2-22]: 3.1.1 allows no password without a name.
    const nameless = startSession({ protocolVersion, password: "päss" });
    const [none] = (await nameless.connect()).broker.of("connect");
    expect([none!.username, none!.password]).toEqual([undefined, undefined]);
  }
});

it("changes nothing of a connection that is there, and everything of the next", async () => {
  const { options, move } = movable(AT_HOME, AWAY);
  const moving = startMovable(options);
  const first = await moving.connect({ version: 5 });
  move();
  moving.session.moved();
  await pass(10);
  moving.session.disconnect();
  await pass(10);
  expect(first.broker.of("connect")[0]!.clientId).toBe("one");
  const second = await moving.connect({ version: 5 });
  expect(second.broker.of("connect")[0]).toMatchObject({ clientId: "two", username: "we" });
  expect(second.broker.of("subscribe").map(({ subscriptions }) => subscriptions[0]!.topic)).toEqual([
    "b/command",
  ]);
});

it("takes what is in flight along to the new topics, as new, and leaves foreign topics alone", async () => {
  const { options, move } = movable(AT_HOME, AWAY);
  const moving = startMovable(options);
  const first = await moving.connect({ version: 5, puback: false });
  const outcomes = ["a/1/telemetry", "a/1x/telemetry", "homeassistant/x"].map(
    (topic) => moving.publish(topic, topic).outcomes,
  );
  await pass(10);
  expect(first.broker.of("publish")).toHaveLength(3);
  move();
  moving.session.moved();
  moving.session.disconnect();
  await pass(10);
  const second = await moving.connect({ version: 5, connack: { sessionPresent: true } });
  expect(second.broker.of("publish").map(({ topic, payload, dup }) => [topic, String(payload), dup])).toEqual(
    [
      ["b/telemetry", "a/1/telemetry", false],
      ["a/1x/telemetry", "a/1x/telemetry", true],
      ["homeassistant/x", "homeassistant/x", true],
    ],
  );
  expect(outcomes.flat()).toEqual(["acknowledged", "acknowledged", "acknowledged"]);
});

it("speaks to the new broker in the version that is wanted, whatever the old one refused", async () => {
  const moving = startMovable({ ...AT_HOME });
  await moving.connect({ version: 5, connack: { code: 0x84 } });
  const second = await moving.connect({ version: 4 });
  expect(second.broker.of("connect")[0]!.protocolVersion).toBe(4);
  moving.session.moved();
  moving.session.disconnect();
  await pass(10);
  const third = await moving.connect({ version: 5 });
  expect(third.broker.of("connect")[0]!.protocolVersion).toBe(5);
});

it("is proven once the broker took a message and granted what must be heard, and not before", async () => {
  let proven = 0;
  const options = { ...AT_HOME, protocolVersion: 4 as const, onProven: () => void proven++ };
  const subscriptions = [...AT_HOME.subscriptions, { topic: "a/1/status", qos: 0 as const }];
  const refused = startSession({ ...options, subscriptions });
  await refused.connect({ suback: [0x80] });
  refused.publish("a/1/telemetry");
  await pass(10);
  expect(proven).toBe(0);
  const unheard = startSession({ ...options, subscriptions });
  const { broker } = await unheard.connect({ puback: false });
  unheard.publish("a/1/telemetry");
  await pass(10);
  expect(proven).toBe(0);
  broker.acknowledge(broker.of("publish")[0]!.messageId!);
  await pass(10);
  expect(proven).toBe(1);
  refused.session.close();
  unheard.session.close();
});

it("takes no refusal of MQTT 5 for a proof", async () => {
  let proven = 0;
  const { connect, publish } = startSession({ ...AT_HOME, onProven: () => void proven++ });
  const { broker } = await connect({ version: 5, puback: false });
  publish("a/1/telemetry");
  await pass(10);
  broker.acknowledge(broker.of("publish")[0]!.messageId!, 0x87);
  await pass(10);
  expect(proven).toBe(0);
});

/** Its getters are kept: `startSession` would read them once. */
function startMovable(options: Partial<SessionOptions>) {
  const own = Object.defineProperties({ clientId: "x" }, Object.getOwnPropertyDescriptors(options));
  const session = new MqttSession(
    Object.defineProperty(own, "logger", { value: silentLogger }) as SessionOptions,
  );
  return {
    session,
    async connect(script: Script = {}) {
      const wire = new MemoryWire({});
      const broker = new ScriptedBroker(wire.peer, script);
      session.connect(wire.open);
      await pass(100);
      return { wire, broker };
    },
    publish(topic: string, payload: string) {
      const outcomes: string[] = [];
      session.publish({ topic, payload: bytes(payload), qos: 1 }, (outcome) => outcomes.push(outcome));
      return { outcomes };
    },
  };
}
