// What the session does at its bounds, when it is called from inside its callbacks, and where nobody listens.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../modules/base/logger";
import type { SocketCallbacks } from "../../modules/network/socket";
import { MqttSession } from "../../mqtt/session";
import { MemoryWire } from "../support/memory-socket";
import { ScriptedBroker } from "../support/scripted-broker";
import { bytes, fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

const COMMAND = [{ topic: "command", qos: 1 }] as const;

/** A session (3.1.1) that is up over a socket which the test moves by hand: it takes `window` bytes. */
function byHand(session: MqttSession, window = 0): SocketCallbacks {
  let socket!: SocketCallbacks;
  const inbox = [Uint8Array.of(0x20, 2, 0, 0).buffer];
  session.connect((callbacks) => {
    socket = callbacks;
    return { read: () => inbox.shift(), write: () => {}, close: () => {} };
  });
  socket.onWritable(1_000);
  socket.onReadable(4);
  expect(session.state).toBe("up");
  socket.onWritable(window);
  return socket;
}

/** The broker ends a connection on which it got what is published, and nothing is acknowledged. */
async function strike(started: ReturnType<typeof startSession>, script = {}): Promise<void> {
  const { wire } = await started.connect({ puback: false, ...script });
  wire.end("closed");
}

describe("the window", () => {
  it("takes a message that fills it to the byte, and refuses one that never fits", () => {
    const { session } = startSession({ inFlightBytes: 8 });
    const message = (payload: string) => ({ topic: "t", payload: bytes(payload), qos: 1 }) as const;
    expect(() => session.publish(message("xy"))).toThrow(RangeError);
    expect(session.publish(message("x"))).toBe(true);
  });

  it("takes messages of QoS 0 up to its bytes that wait for the socket, and tells when they have left", () => {
    const started = startSession({ inFlightBytes: 12 });
    const socket = byHand(started.session);
    const taken = () => started.publish("t", "x", 0).taken;
    expect([taken(), taken(), taken()]).toEqual([true, true, false]);
    socket.onWritable(11);
    expect(started.drains).toBe(0);
    socket.onWritable(1);
    expect(started.drains).toBe(1);
  });

  it("takes no message of QoS 0 for a connection that is not up yet", async () => {
    const { session, dial, publish } = startSession();
    dial({ connack: false });
    expect([session.state, publish("t", "x", 0).taken]).toEqual(["opening", false]);
    await pass(10);
    expect([session.state, publish("t", "x", 0).taken]).toEqual(["greeting", false]);
  });

  it("tells of room only to whom it owed that, and only when there is some", async () => {
    const started = startSession({ inFlightLimit: 1 });
    await started.connect();
    started.publish("a");
    await pass(10);
    expect(started.drains).toBe(0);
    const again = { topic: "c", payload: bytes("x"), qos: 1 } as const;
    started.session.publish({ ...again, topic: "a" }, () => started.session.publish(again));
    expect(started.publish("b").taken).toBe(false);
    await pass(3);
    expect([started.session.inFlight, started.drains]).toEqual([1, 0]);
    await pass(10);
    expect([started.session.inFlight, started.drains]).toEqual([0, 1]);
  });

  it("tells of room when what filled it was too large for the broker", async () => {
    const started = startSession({ protocolVersion: 5, inFlightLimit: 1 });
    await started.connect({ connack: { properties: { maximumPacketSize: 50 } } });
    const { outcomes } = started.publish("t", "x".repeat(100));
    expect(started.publish("t").taken).toBe(false);
    await pass(1);
    expect([outcomes, started.drains]).toEqual([["too-large"], 1]);
  });
});

describe("a message that the broker does not take", () => {
  it("is refused from reason code 128 on", async () => {
    const { connect, publish } = startSession({ protocolVersion: 5 });
    const { broker } = await connect({ puback: false });
    const { outcomes } = publish("t");
    await pass(10);
    broker.acknowledge(broker.of("publish")[0]!.messageId!, 0x80);
    await pass(10);
    expect(outcomes).toEqual(["refused"]);
  });

  it("is the last that is told of when whoever hears of it closes the session", async () => {
    const drops: string[] = [];
    const { session, connect, publish } = startSession({
      protocolVersion: 5,
      onDropped: ({ topic }) => {
        drops.push(topic);
        session.close();
      },
    });
    await connect({ connack: { properties: { maximumPacketSize: 50 } } });
    const { outcomes } = publish("first", "x".repeat(100));
    publish("second", "x".repeat(100));
    await pass(10);
    expect([drops, outcomes]).toEqual([["first"], []]);
  });
});

describe("doubt about a message", () => {
  it("is there from the broker's first close over it until it is acknowledged, goodbyes of ours or not", async () => {
    const started = startSession();
    expect(started.session.isDoubting).toBe(false);
    started.publish("t");
    await strike(started);
    expect(started.session.isDoubting).toBe(true);
    await started.connect({ puback: false });
    started.session.disconnect();
    await pass(3_000);
    expect(started.session.isDoubting).toBe(true);
    await started.connect();
    started.session.disconnect();
    await pass(3_000);
    expect(started.session.isDoubting).toBe(false);
  });

  it.each([
    ["message", { subscriptions: [] }, { puback: false }],
    ["subscription", { subscriptions: COMMAND }, { suback: false }],
  ])("is over for a %s that a broker which lives has never answered", async (what, options, script) => {
    const started = startSession(options);
    if (what === "message") started.publish("t");
    await strike(started, script);
    expect(started.session.isDoubting).toBe(true);
    await started.connect(script);
    await pass(300_000);
    expect(started.downs).toEqual(["closed", "acknowledgement-timeout"]);
    expect(started.session.isDoubting).toBe(false);
  });

  it("is not carried over to another broker, but is had anew there", async () => {
    const started = startSession();
    started.publish("t");
    await strike(started);
    started.session.moved();
    await started.connect({ puback: false });
    expect(started.session.isDoubting).toBe(false);
    started.session.disconnect();
    await pass(3_000);
    await strike(started);
    await started.connect({ puback: false });
    expect(started.session.isDoubting).toBe(true);
  });

  it("sends one thing at a time: no message beside a subscription, no subscription beside a message", async () => {
    const started = startSession({ subscriptions: COMMAND });
    started.publish("a");
    started.publish("b");
    await strike(started, { suback: true });
    await strike(started, { suback: true });
    const { broker } = await started.connect({ puback: false, suback: false });
    expect(broker.received.map(({ cmd }) => cmd)).toEqual(["connect", "subscribe"]);
    broker.send({ cmd: "suback", messageId: broker.of("subscribe")[0]!.messageId, granted: [1] });
    await pass(100);
    expect(broker.received.map(({ cmd }) => cmd)).toEqual(["connect", "subscribe", "publish"]);
  });

  it("sends what is new, then what it subscribes to, and then what is suspect", async () => {
    const started = startSession({ subscriptions: COMMAND });
    started.publish("suspect");
    await strike(started, { suback: true });
    await strike(started, { suback: true });
    started.publish("new");
    const { broker } = await started.connect();
    expect(
      broker.received.slice(1).map((packet) => (packet.cmd === "publish" ? packet.topic : packet.cmd)),
    ).toEqual(["new", "subscribe", "suspect"]);
  });

  it("lets what the owner says at once go before what is suspect, and else behind what waits", async () => {
    const hello = { topic: "hello", payload: bytes("x"), qos: 0 } as const;
    const started = startSession({ onUp: () => started.session.publish(hello) });
    started.publish("waits");
    const order = async (script = {}) => {
      const { broker, wire } = await started.connect({ puback: false, ...script });
      wire.end("closed");
      return broker.of("publish").map(({ topic }) => topic);
    };
    expect(await order()).toEqual(["waits", "hello"]);
    expect(await order()).toEqual(["waits", "hello"]);
    expect(await order()).toEqual(["hello", "waits"]);
  });
});

describe("a subscription", () => {
  it("is not granted by an answer to another one", async () => {
    const { connect } = startSession({ subscriptions: [...COMMAND, { topic: "desired", qos: 0 }] });
    const { broker } = await connect({ suback: false });
    const { messageId } = broker.of("subscribe")[0]!;
    broker.send({ cmd: "suback", messageId: messageId! + 1, granted: [1] });
    await pass(10);
    expect(broker.of("subscribe")).toHaveLength(1);
    broker.send({ cmd: "suback", messageId, granted: [1] });
    await pass(10);
    expect(broker.of("subscribe")).toHaveLength(2);
  });

  it("proves the broker when it is granted after the first message was taken, as before it", async () => {
    let proofs = 0;
    const started = startSession({ subscriptions: COMMAND, onProven: () => proofs++ });
    const { broker } = await started.connect({ suback: false });
    started.publish("t");
    await pass(10);
    expect(proofs).toBe(0);
    broker.send({ cmd: "suback", messageId: broker.of("subscribe")[0]!.messageId, granted: [1] });
    await pass(10);
    expect(proofs).toBe(1);
  });

  it("that is not answered ends the connection after five minutes to the millisecond", () => {
    const { session, downs } = startSession({ subscriptions: COMMAND, keepAliveSeconds: 65_535 });
    byHand(session, 1_000);
    vi.advanceTimersByTime(299_999);
    expect(downs).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(downs).toEqual(["acknowledgement-timeout"]);
  });
});

describe("no timer is left", () => {
  /** The wire itself takes a millisecond to close. */
  const ended = async (wire: MemoryWire): Promise<void> => {
    wire.end("closed");
    await pass(1);
  };

  it("but the keep-alive's while nothing is owed, and none when the connection has ended", async () => {
    const started = startSession();
    const { wire } = await started.connect();
    started.publish("t");
    await pass(100);
    expect(vi.getTimerCount()).toBe(1);
    wire.peer.onBytes = () => {};
    started.publish("t");
    await pass(100);
    expect(vi.getTimerCount()).toBe(2);
    await ended(wire);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("by a subscription that was refused, after close or on the way to another broker", async () => {
    const started = startSession({ subscriptions: COMMAND });
    const { wire } = await started.connect({ suback: [0x80] });
    await ended(wire);
    expect(vi.getTimerCount()).toBe(1);
    started.session.moved();
    const { wire: next } = await started.connect({ suback: [0x80] });
    await ended(next);
    expect(vi.getTimerCount()).toBe(1);
    started.publish("t");
    started.session.close();
    expect([vi.getTimerCount(), started.session.inFlight]).toEqual([0, 0]);
  });
});

it("needs nobody to listen", async () => {
  const session = new MqttSession({
    logger: silentLogger,
    clientId: "a",
    protocolVersion: 5,
    subscriptions: COMMAND,
    inFlightLimit: 1,
  });
  const wire = new MemoryWire();
  const broker = new ScriptedBroker(wire.peer, { version: 5, suback: [0x80], puback: false });
  session.connect(wire.open);
  await pass(100);
  broker.publish("command", "x");
  const message = { topic: "t", payload: bytes("x"), qos: 1 } as const;
  session.publish(message);
  expect(session.publish(message)).toBe(false);
  await pass(10);
  broker.acknowledge(broker.of("publish")[0]!.messageId!, 0x87);
  await pass(10);
  expect([session.state, session.inFlight]).toEqual(["up", 0]);
  wire.end("closed");
  expect(session.state).toBe("idle");
});
