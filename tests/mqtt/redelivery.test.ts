import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

type Started = ReturnType<typeof startSession>;

const brief = (packets: { payload: string | Buffer; dup: boolean; messageId?: number }[]) =>
  packets.map(({ payload, dup, messageId }) => `${payload}${dup ? " dup" : ""} ${messageId}`);

describe("redelivery", () => {
  async function loseAcknowledgements(started: Started) {
    const first = await started.connect({ puback: false });
    const outcomes = ["a", "b", "c"].map((payload) => started.publish("t", payload).outcomes);
    await pass(10);
    expect(brief(first.broker.of("publish"))).toEqual(["a 1", "b 2", "c 3"]);
    first.wire.end("closed");
    return outcomes;
  }

  it("sends again with DUP, the same ids and in order when the session was kept", async () => {
    for (const protocolVersion of [4, 5] as const) {
      const started = startSession({ protocolVersion });
      const outcomes = await loseAcknowledgements(started);
      const { broker } = await started.connect({ connack: { sessionPresent: true } });
      expect(brief(broker.of("publish"))).toEqual(["a dup 1", "b dup 2", "c dup 3"]);
      expect(outcomes).toEqual([["acknowledged"], ["acknowledged"], ["acknowledged"]]);
      started.session.close();
    }
  });

  it("sends again with DUP in 3.1.1 when the session was lost, and anew without DUP in 5", async () => {
    const old = startSession({ protocolVersion: 4 });
    await loseAcknowledgements(old);
    expect(brief((await old.connect()).broker.of("publish"))).toEqual(["a dup 1", "b dup 2", "c dup 3"]);
    const modern = startSession({ protocolVersion: 5 });
    await loseAcknowledgements(modern);
    expect(brief((await modern.connect({ puback: false })).broker.of("publish"))).toEqual([
      "a 1",
      "b 2",
      "c 3",
    ]);
  });

  it("takes DUP off in 5 when the session was lost after all", async () => {
    const started = startSession({ protocolVersion: 5 });
    await loseAcknowledgements(started);
    const second = await started.connect({ puback: false, connack: { sessionPresent: true } });
    expect(brief(second.broker.of("publish"))[0]).toBe("a dup 1");
    second.wire.end("protocol");
    expect(brief((await started.connect()).broker.of("publish"))).toEqual(["a 1", "b 2", "c 3"]);
  });

  it("keeps DUP over a connection that never sent the message", async () => {
    const started = startSession();
    await loseAcknowledgements(started);
    const second = started.dial({ connack: false });
    await pass(10);
    second.wire.end("closed");
    const { broker } = await started.connect({ connack: { sessionPresent: true } });
    expect(brief(broker.of("publish"))[0]).toBe("a dup 1");
  });

  it("sends without DUP what was taken offline or never left the device", async () => {
    const started = startSession();
    started.publish("t", "offline");
    const first = await started.connect({ puback: false }, { windowBytes: 60 });
    started.publish("t", "x".repeat(100));
    started.publish("t", "behind");
    first.wire.end("closed");
    const { broker } = await started.connect();
    expect(broker.of("publish").map(({ payload, dup }) => [payload.length, dup])).toEqual([
      [7, true],
      [100, true],
      [6, false],
    ]);
  });

  it("sends new messages after those sent again", async () => {
    const started = startSession({ onUp: () => void started.publish("t", "new") });
    const first = await started.connect({ puback: false });
    first.wire.end("closed");
    started.publish("t", "offline");
    const { broker } = await started.connect();
    expect(broker.of("publish").map(({ payload }) => `${payload}`)).toEqual(["new", "offline", "new"]);
  });

  it("does not send again what was acknowledged before the connection ended", async () => {
    const started = startSession();
    const first = await started.connect();
    started.publish("t", "a");
    await pass(10);
    first.wire.end("closed");
    const { broker } = await started.connect();
    expect(broker.of("publish")).toEqual([]);
  });

  it("ignores PUBACKs for ids that it does not know or has not sent", async () => {
    const started = startSession();
    const { broker } = await started.connect({ puback: false }, { windowBytes: 60 });
    const big = started.publish("t", "x".repeat(500));
    const behind = started.publish("t", "behind");
    broker.acknowledge(2);
    broker.acknowledge(999);
    await pass(1);
    expect(started.session.state).toBe("up");
    expect([big.outcomes, behind.outcomes]).toEqual([[], []]);
    await pass(20);
    broker.acknowledge(2);
    await pass(10);
    expect(behind.outcomes).toEqual(["acknowledged"]);
  });
});

describe("the window", () => {
  it("takes four messages, then says false until one is acknowledged", async () => {
    const started = startSession();
    const { broker } = await started.connect({ puback: false });
    expect([1, 2, 3, 4, 5].map(() => started.publish("t").taken)).toEqual([true, true, true, true, false]);
    await pass(10);
    expect(started.drains).toBe(0);
    broker.acknowledge(2);
    await pass(10);
    expect(started.drains).toBe(1);
    expect(started.publish("t").taken).toBe(true);
    broker.acknowledge(1);
    await pass(10);
    expect(started.drains).toBe(1);
  });

  it("fills offline too, and drains with the next connection", async () => {
    const started = startSession({ inFlightLimit: 2 });
    expect([1, 2, 3].map(() => started.publish("t").taken)).toEqual([true, true, false]);
    const { broker } = await started.connect();
    expect(broker.of("publish")).toHaveLength(2);
    expect(started.drains).toBe(1);
  });

  it("is bounded in bytes", async () => {
    const started = startSession({ inFlightBytes: 250 });
    await started.connect({ puback: false });
    expect(started.publish("t", "x".repeat(150)).taken).toBe(true);
    expect(started.publish("t", "x".repeat(150)).taken).toBe(false);
    expect(started.publish("t", "x".repeat(50)).taken).toBe(true);
    expect(() => started.publish("t", "x".repeat(300))).toThrow(RangeError);
  });

  it("bounds what QoS 0 may queue, and tells when there is room", async () => {
    const started = startSession({ inFlightBytes: 1000 });
    const { broker } = await started.connect({}, { windowBytes: 100 });
    let taken = 0;
    while (started.publish("t", "x".repeat(195), 0).taken) taken++;
    expect(taken).toBeGreaterThanOrEqual(5);
    expect(taken).toBeLessThanOrEqual(6);
    await pass(100);
    expect(broker.of("publish")).toHaveLength(taken);
    expect(started.drains).toBe(1);
  });

  it("never gives a message the id of the SUBSCRIBE that is out", async () => {
    const started = startSession({ subscriptions: [{ topic: "a", qos: 1 }], inFlightLimit: 4 });
    started.publish("t", "offline");
    const { broker } = await started.connect({ suback: false, puback: false });
    started.publish("t", "online");
    await pass(10);
    const ids = [...broker.of("publish"), ...broker.of("subscribe")].map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(3);
  });
});

describe("the limits of an MQTT 5 broker", () => {
  const start = (options = {}) => startSession({ protocolVersion: 5, ...options });

  it("keeps to Receive Maximum, also when sending again", async () => {
    const started = start({ inFlightLimit: 10 });
    const limits = { connack: { properties: { receiveMaximum: 2 } }, puback: false };
    for (let i = 0; i < 5; i++) started.publish("t", `${i}`);
    const first = await started.connect(limits);
    expect(first.broker.of("publish").map(({ messageId }) => messageId)).toEqual([1, 2]);
    first.broker.acknowledge(1);
    await pass(10);
    expect(first.broker.of("publish").map(({ messageId }) => messageId)).toEqual([1, 2, 3]);
    first.wire.end("closed");
    const second = await started.connect(limits);
    expect(second.broker.of("publish").map(({ messageId }) => messageId)).toEqual([2, 3]);
  });

  it("drops what is larger than Maximum Packet Size, and says so once, later", async () => {
    const started = start();
    await started.connect({ connack: { properties: { maximumPacketSize: 100 } } });
    const big = started.publish("big", "x".repeat(100));
    const small = started.publish("small", "x");
    expect(big).toEqual({ taken: true, outcomes: [] });
    expect(started.publish("zero", "x".repeat(100), 0).taken).toBe(true);
    await pass(10);
    expect(big.outcomes).toEqual(["too-large"]);
    expect(small.outcomes).toEqual(["acknowledged"]);
    expect(started.drops.map(({ reason, topic }) => `${reason} ${topic}`)).toEqual([
      "too-large zero",
      "too-large big",
    ]);
    expect(started.session.inFlight).toBe(0);
  });

  it.each([false, true])("settles nothing after close (closed from onDropped: %s)", async (fromCallback) => {
    const started = start({ onDropped: () => started.session.close() });
    await started.connect({ connack: { properties: { maximumPacketSize: 100 } } });
    const big = started.publish("big", "x".repeat(100));
    if (!fromCallback) {
      started.session.close();
      expect(vi.getTimerCount()).toBe(1); // the peer learning of the close
    }
    await pass(10);
    expect(started.session.state).toBe("closed");
    expect(big.outcomes).toEqual([]);
  });

  it("drops what was taken offline and proves too large", async () => {
    const started = start();
    const big = started.publish("big", "x".repeat(100));
    const { broker } = await started.connect({ connack: { properties: { maximumPacketSize: 100 } } });
    expect(broker.of("publish")).toEqual([]);
    expect(big.outcomes).toEqual(["too-large"]);
  });

  it("gives up a message that the broker refuses", async () => {
    const started = start();
    const { broker, wire } = await started.connect({ puback: false });
    const { outcomes } = started.publish("forbidden");
    await pass(10);
    broker.acknowledge(1, 0x87);
    await pass(10);
    expect(outcomes).toEqual(["refused"]);
    expect(started.drops).toMatchObject([{ reason: "refused", topic: "forbidden" }]);
    wire.end("closed");
    expect((await started.connect()).broker.of("publish")).toEqual([]);
  });

  it("counts a message without subscribers as acknowledged", async () => {
    const started = start();
    const { broker } = await started.connect({ puback: false });
    const { outcomes } = started.publish("t");
    await pass(10);
    broker.acknowledge(1, 0x10);
    await pass(10);
    expect(outcomes).toEqual(["acknowledged"]);
  });

  it.each([
    ["no QoS 1", { maximumQoS: 0 }],
    ["no retained messages", { retainAvailable: false }],
  ])("does without a broker that offers %s", async (_name, properties) => {
    const started = start();
    await started.connect({ connack: { properties } });
    expect(started.ups).toEqual([]);
    expect(started.downs).toEqual(["broker-unsuitable"]);
  });
});
