import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import type { SocketCallbacks } from "../../modules/network/socket";
import { MqttSession } from "../../mqtt/session";
import { MemoryWire } from "../support/memory-socket";
import { bytes, fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

const BOTH = [4, 5] as const;
const subscriptions = [
  { topic: "command", qos: 1 },
  { topic: "config/desired", qos: 0 },
] as const;

describe.each(BOTH)("a session of protocol version %i", (protocolVersion) => {
  it("sends CONNECT with a kept session, keep-alive, client id and will", async () => {
    const { connect } = startSession({
      protocolVersion,
      will: { topic: "status", payload: bytes("gone"), qos: 1, retain: true },
      sessionExpirySeconds: 7,
    });
    const { broker } = await connect();
    expect(broker.of("connect")).toMatchObject([
      {
        protocolVersion,
        clean: false,
        keepalive: 60,
        clientId: "aerolink-1",
        will: { topic: "status", payload: Buffer.from("gone"), qos: 1, retain: true },
      },
    ]);
    expect(broker.of("connect")[0]?.properties).toEqual(
      protocolVersion === 5 ? { sessionExpiryInterval: 7, maximumPacketSize: 4096 } : undefined,
    );
  });

  it("goes idle, opening, greeting, up", async () => {
    const { session, dial, ups } = startSession({ protocolVersion });
    expect(session.state).toBe("idle");
    dial({}, { latencyMs: 10 });
    expect(session.state).toBe("opening");
    await pass(10);
    expect(session.state).toBe("greeting");
    await pass(20);
    expect(session.state).toBe("up");
    expect(ups).toEqual([false]);
  });

  it("publishes at QoS 1 and settles on PUBACK", async () => {
    const { session, connect, publish } = startSession({ protocolVersion });
    const { broker } = await connect();
    const { taken, outcomes } = publish("telemetry", "reading");
    expect(taken).toBe(true);
    expect(outcomes).toEqual([]);
    await pass(10);
    expect(broker.of("publish")).toMatchObject([
      { topic: "telemetry", payload: Buffer.from("reading"), qos: 1, dup: false, retain: false },
    ]);
    expect(outcomes).toEqual(["acknowledged"]);
    expect(session.inFlight).toBe(0);
  });

  it("publishes at QoS 0 while up, and says false while not", async () => {
    const { connect, publish } = startSession({ protocolVersion });
    expect(publish("t", "early", 0).taken).toBe(false);
    const { broker } = await connect();
    expect(publish("t", "now", 0).taken).toBe(true);
    await pass(10);
    expect(broker.of("publish")).toMatchObject([{ payload: Buffer.from("now"), qos: 0 }]);
  });

  const asked = (broker: { of(cmd: "subscribe"): { subscriptions: { topic: string }[] }[] }) =>
    broker.of("subscribe").map(({ subscriptions: [filter] }) => filter?.topic);

  it("subscribes to one topic filter after the other", async () => {
    const { connect } = startSession({ protocolVersion, subscriptions });
    const first = await connect({ suback: false });
    expect(first.broker.of("subscribe")).toMatchObject([{ subscriptions: [subscriptions[0]] }]);
    const { messageId } = first.broker.of("subscribe")[0]!;
    expect(messageId).toBeGreaterThan(0);
    first.broker.send({ cmd: "suback", messageId, granted: [1] });
    await pass(10);
    expect(first.broker.of("subscribe")[1]).toMatchObject({ subscriptions: [subscriptions[1]] });
  });

  it("subscribes at every connection, also when the broker says that it kept the session", async () => {
    const { connect, ups } = startSession({ protocolVersion, subscriptions });
    for (const sessionPresent of [true, true, false]) {
      const { broker, wire } = await connect({ connack: { sessionPresent } });
      expect(asked(broker)).toEqual(["command", "config/desired"]);
      wire.end("closed");
    }
    expect(ups).toEqual([true, true, false]);
  });

  it("subscribes again when the connection died before SUBACK", async () => {
    const { connect } = startSession({ protocolVersion, subscriptions });
    const first = await connect({ suback: false });
    first.wire.end("closed");
    const second = await connect({ connack: { sessionPresent: true } });
    expect(asked(second.broker)).toEqual(["command", "config/desired"]);
  });

  it("tells of a refused subscription, and asks again after a minute, then after two, until it is granted", async () => {
    const warnings: string[] = [];
    const { session, connect, drops } = startSession({
      protocolVersion,
      subscriptions: subscriptions.slice(1),
      logger: { ...silentLogger, warn: (text) => warnings.push(text) },
    });
    const { broker } = await connect({ suback: [0x80] });
    expect(warnings).toEqual(["no subscription to config/desired: refused with 128"]);
    expect(drops).toEqual([{ reason: "subscription-refused", topic: "config/desired", bytes: 0 }]);
    expect(session.state).toBe("up");
    await pass(59_000);
    expect(asked(broker)).toHaveLength(1);
    await pass(1_000);
    expect(asked(broker)).toHaveLength(2);
    broker.script = { ...broker.script, suback: true };
    await pass(119_000);
    expect(asked(broker)).toHaveLength(2);
    await pass(1_000);
    expect(asked(broker)).toHaveLength(3);
    await pass(24 * 3_600_000);
    expect(asked(broker)).toHaveLength(3);
    expect(drops).toHaveLength(2);
  });

  it("asks on the next connection for what was refused on the one before", async () => {
    const { connect } = startSession({ protocolVersion, subscriptions });
    const { wire } = await connect({ suback: [0x80] });
    wire.end("closed");
    const next = await connect({ connack: { sessionPresent: true } });
    expect(asked(next.broker)).toEqual(["command", "config/desired"]);
  });

  it("says its will before a goodbye, at QoS 0, and nothing before CONNACK", async () => {
    const will = { topic: "status", payload: bytes("offline"), qos: 1, retain: true } as const;
    const { session, connect, dial } = startSession({ protocolVersion, will });
    const { broker } = await connect();
    session.disconnect();
    await pass(10);
    expect(broker.of("publish")).toMatchObject([
      { topic: "status", payload: Buffer.from("offline"), qos: 0, retain: true },
    ]);
    expect(broker.received.at(-1)?.cmd).toBe("disconnect");
    const early = dial({ connack: false });
    await pass(10);
    session.disconnect();
    await pass(10);
    expect(early.broker.of("publish")).toEqual([]);
  });

  it("hands messages over and acknowledges QoS 1 afterwards", async () => {
    const order: string[] = [];
    const { connect } = startSession({
      protocolVersion,
      onMessage: (topic, payload, { retain, dup }) =>
        order.push(`${topic} ${payload.length} ${retain} ${dup}`),
    });
    const { wire, broker } = await connect();
    const before = wire.writes.length;
    broker.publish("command", "abc", { qos: 1, messageId: 77, dup: true });
    broker.publish("config", "", { retain: true });
    await pass(10);
    expect(order).toEqual(["command 3 false true", "config 0 true false"]);
    expect(wire.writes).toHaveLength(before + 1);
    expect(broker.of("puback")).toMatchObject([{ messageId: 77 }]);
  });

  it("answers QoS 2 in full but drops the message", async () => {
    const { connect, messages, drops } = startSession({ protocolVersion });
    const { broker } = await connect();
    broker.publish("command", "abc", { qos: 2, messageId: 9 });
    broker.send({ cmd: "pubrel", messageId: 9 });
    await pass(10);
    expect(broker.of("pubrec")).toMatchObject([{ messageId: 9 }]);
    expect(broker.of("pubcomp")).toMatchObject([{ messageId: 9 }]);
    expect(messages).toEqual([]);
    expect(drops).toEqual([{ reason: "qos-2", topic: "command", bytes: 3 }]);
  });

  it.each([
    ["QoS 0", 0, []],
    ["QoS 1", 1, [{ messageId: 5 }]],
  ] as const)(
    "skips an oversized message at %s, acknowledges it and stays up",
    async (_name, qos, pubacks) => {
      const { connect, messages, drops } = startSession({ protocolVersion });
      const { broker } = await connect({}, { delivery: "joined" });
      broker.publish("command", "x".repeat(100_000), { qos, messageId: 5 });
      broker.publish("command", "small");
      await pass(100);
      expect(broker.of("puback")).toMatchObject(pubacks);
      expect(drops).toEqual([{ reason: "oversized", topic: "", bytes: expect.any(Number) }]);
      expect(messages.map(({ payload }) => payload)).toEqual(["small"]);
    },
  );

  it("understands packets that arrive byte by byte", async () => {
    const { connect, messages, ups } = startSession({ protocolVersion, subscriptions });
    const { broker } = await connect({}, { delivery: "bytewise" });
    broker.publish("command", "é✓", { qos: 1, messageId: 300 });
    broker.publish("command", "x".repeat(5000));
    broker.publish("command", "last");
    await pass(100);
    expect(ups).toEqual([false]);
    expect(messages.map(({ payload }) => payload)).toEqual(["é✓", "last"]);
    expect(broker.of("puback")).toMatchObject([{ messageId: 300 }]);
  });

  it("cuts a large packet to the socket's window", async () => {
    const { connect, publish } = startSession({ protocolVersion });
    const { wire, broker } = await connect({}, { windowBytes: 100 });
    expect(publish("telemetry", "y".repeat(1000)).taken).toBe(true);
    await pass(100);
    expect(broker.of("publish")[0]?.payload).toEqual(Buffer.from("y".repeat(1000)));
    expect(Math.max(...wire.writes.map((piece) => piece.length))).toBe(100);
  });

  it("says goodbye with DISCONNECT after what waits, and sends nothing after it", async () => {
    const { session, downs, connect, publish } = startSession({ protocolVersion });
    const { wire, broker } = await connect({}, { windowBytes: 40 });
    publish("telemetry", "z".repeat(200));
    session.disconnect();
    expect(session.state).toBe("leaving");
    broker.publish("command", "late", { qos: 1, messageId: 3 });
    await pass(50);
    expect(broker.received.map(({ cmd }) => cmd)).toEqual(["connect", "publish", "disconnect"]);
    expect(downs).toEqual(["disconnected"]);
    expect(wire.closed).toBe(true);
  });

  it("leaves within two seconds when the peer neither reads nor closes", async () => {
    const { session, downs, connect } = startSession({ protocolVersion });
    const { wire } = await connect();
    wire.breakSilently();
    session.disconnect();
    await pass(1999);
    expect(downs).toEqual([]);
    await pass(1);
    expect(downs).toEqual(["disconnected"]);
  });

  it("makes way for a new connection while it leaves", async () => {
    const { session, downs, ups, connect } = startSession({ protocolVersion });
    const first = await connect();
    first.wire.breakSilently();
    session.disconnect();
    await connect();
    await pass(10_000);
    expect(first.wire.closed).toBe(true);
    expect(ups).toEqual([false, false]);
    expect(downs).toEqual([]);
  });

  it("says goodbye to a broker that has not answered CONNECT yet", async () => {
    const { session, dial, downs } = startSession({ protocolVersion });
    const { broker } = dial({ connack: false });
    await pass(10);
    session.disconnect();
    await pass(10);
    expect(broker.received.map(({ cmd }) => cmd)).toEqual(["connect", "disconnect"]);
    expect(downs).toEqual(["disconnected"]);
  });

  it("gives up a socket that is still opening without a word, later", async () => {
    const { session, dial, downs } = startSession({ protocolVersion });
    const { wire } = dial({}, { latencyMs: 500 });
    session.disconnect();
    expect(downs).toEqual([]);
    await pass(1);
    expect(downs).toEqual(["disconnected"]);
    expect(wire.writes).toEqual([]);
  });
});

it("does not connect twice, nor after close", async () => {
  const { session, connect } = startSession();
  await connect();
  expect(() => session.connect(new MemoryWire().open)).toThrow("connect while up");
  session.close();
  expect(() => session.connect(new MemoryWire().open)).toThrow("connect while closed");
});

it("stays idle when the socket cannot be made", () => {
  const { session } = startSession();
  const open = () => {
    throw new TypeError("no such address");
  };
  expect(() => session.connect(open)).toThrow(TypeError);
  expect(session.state).toBe("idle");
});

it("reads no more while its acknowledgements cannot leave, and goes on when they can", async () => {
  const message = Buffer.from([0x32, 5, 0, 1, 116, 0, 7]);
  let callbacks: SocketCallbacks | undefined;
  let left = 0;
  const { session, messages } = startSession();
  const connack = [Uint8Array.of(0x20, 2, 0, 0).buffer];
  session.connect((given) => {
    callbacks = given;
    return {
      read: (maxBytes = 0) => {
        if (connack.length > 0) return connack.shift();
        const count = Math.min(left, Math.floor(maxBytes / message.length));
        left -= count;
        if (count === 0) return undefined;
        return Uint8Array.from(Buffer.concat(new Array<Buffer>(count).fill(message))).buffer;
      },
      write: () => {},
      close: () => {},
    };
  });
  callbacks!.onWritable(100);
  callbacks!.onReadable(4);
  callbacks!.onWritable(0);
  left = 10_000;
  callbacks!.onReadable(70_000);
  expect(messages.length).toBeLessThan(400);
  for (let i = 0; i < 1000 && left > 0; i++) callbacks!.onWritable(1000);
  expect(messages).toHaveLength(10_000);
});

it("does nothing on disconnect without a connection", () => {
  const { session, downs } = startSession();
  session.disconnect();
  expect(session.state).toBe("idle");
  expect(downs).toEqual([]);
});

it("is silent and inert after close, however often it is closed", async () => {
  const { session, connect, publish, downs, drops } = startSession();
  const { wire, broker } = await connect({ puback: false });
  const { outcomes } = publish("t");
  session.close();
  session.close();
  session.disconnect();
  expect(session.state).toBe("closed");
  expect(publish("t").taken).toBe(false);
  broker.publish("command", "late");
  wire.end("closed");
  await pass(100_000);
  expect([downs, drops, outcomes]).toEqual([[], [], []]);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([
  ["a client id", { clientId: "" }],
  ["a keep-alive", { keepAliveSeconds: 0 }],
  ["a keep-alive that is no whole number", { keepAliveSeconds: 1.5 }],
  ["a window", { inFlightLimit: 0 }],
  ["a packet bound", { maxPacketBytes: 10 }],
  ["a topic of the will", { will: { topic: "a/#", payload: bytes(""), qos: 1 as const } }],
  ["a payload of the will", { will: { topic: "a", payload: new Uint8Array(70_000), qos: 1 as const } }],
  ["a subscription", { subscriptions: [{ topic: "", qos: 1 as const }] }],
])("refuses %s that MQTT cannot carry", (_name, options) => {
  expect(() => new MqttSession({ logger: silentLogger, clientId: "a", ...options })).toThrow(RangeError);
});

it.each(["", "a/+", "#", "a\0b", "é".repeat(40_000)])("refuses to publish to a bad topic", (topic) => {
  const { session } = startSession();
  expect(() => session.publish({ topic, payload: bytes("x"), qos: 0 })).toThrow(RangeError);
});
