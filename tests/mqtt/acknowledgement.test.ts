import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bytes, fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

const LIMIT_MS = 300_000;
/** A new connection is the others' for so long. */
const LATE_PAUSE_MS = 20_000;
const subscriptions = [{ topic: "command", qos: 1 }] as const;

describe.each([4, 5] as const)("a broker of version %i that lives and owes an acknowledgement", (version) => {
  it("loses the connection after five minutes, and gets the message again on the next one", async () => {
    const { connect, publish, downs } = startSession({ protocolVersion: version });
    const { broker } = await connect({ puback: false });
    const { outcomes } = publish("telemetry");
    await pass(LIMIT_MS - 1);
    expect(broker.of("pingreq").length).toBeGreaterThan(2);
    expect(downs).toEqual([]);
    await pass(1);
    expect(downs).toEqual(["acknowledgement-timeout"]);
    expect(outcomes).toEqual([]);
    const again = await connect({ connack: { sessionPresent: true } });
    await pass(LATE_PAUSE_MS - 100);
    expect(again.broker.of("publish")).toEqual([]);
    await pass(200);
    expect(again.broker.of("publish")).toMatchObject([{ topic: "telemetry", dup: false }]);
    expect(outcomes).toEqual(["acknowledged"]);
    await pass(2 * LIMIT_MS);
    expect(downs).toHaveLength(1);
  });

  it("loses it for one message that it never acknowledges, whatever else it acknowledges meanwhile", async () => {
    const { connect, publish, downs } = startSession({ protocolVersion: version });
    const { broker } = await connect({ puback: false });
    publish("lost");
    await pass(10);
    broker.script = { ...broker.script, puback: true };
    for (let minute = 0; minute < 4; minute++) {
      expect(publish("telemetry").taken).toBe(true);
      await pass(60_000);
    }
    expect(downs).toEqual([]);
    await pass(60_000);
    expect(downs).toEqual(["acknowledgement-timeout"]);
    const again = await connect({ connack: { sessionPresent: true } });
    await pass(LATE_PAUSE_MS + 100);
    expect(again.broker.of("publish")).toMatchObject([{ topic: "lost", dup: false }]);
  });

  it("gets the others before it on the next connection, and it alone when nothing else is in flight", async () => {
    const { connect, publish, downs } = startSession({ protocolVersion: version });
    await connect({ puback: false });
    for (const topic of ["silent", "behind"]) publish(topic);
    await pass(LIMIT_MS);
    expect(downs).toEqual(["acknowledgement-timeout"]);
    const { broker } = await connect({ connack: { sessionPresent: true }, puback: false });
    const topics = (): string[] => broker.of("publish").map(({ topic }) => topic);
    publish("new");
    await pass(2 * LATE_PAUSE_MS);
    expect(topics()).toEqual(["behind", "new"]);
    for (const { messageId } of broker.of("publish")) broker.acknowledge(messageId!);
    await pass(100);
    expect(topics()).toEqual(["behind", "new", "silent"]);
  });

  it("gives each message five minutes of its own", async () => {
    const { connect, publish, downs } = startSession({ protocolVersion: version });
    const { broker } = await connect({ puback: false });
    publish("first");
    await pass(200_000);
    publish("second");
    await pass(10);
    broker.acknowledge(broker.of("publish")[0]!.messageId!);
    await pass(LIMIT_MS - 20);
    expect(downs).toEqual([]);
    await pass(20);
    expect(downs).toEqual(["acknowledgement-timeout"]);
  });

  it("counts the five minutes from what was sent, not from what was acknowledged before", async () => {
    const { connect, publish, downs } = startSession({ protocolVersion: version });
    const { broker } = await connect();
    publish("telemetry");
    await pass(3 * LIMIT_MS);
    broker.script = { ...broker.script, puback: false };
    publish("telemetry");
    await pass(LIMIT_MS - 1);
    expect(downs).toEqual([]);
    await pass(1);
    expect(downs).toEqual(["acknowledgement-timeout"]);
  });

  it("is not let off by an acknowledgement of something else", async () => {
    const { connect, publish, downs } = startSession({ protocolVersion: version });
    const { broker } = await connect({ puback: false });
    publish("telemetry");
    for (let minute = 0; minute < 5; minute++) {
      broker.acknowledge(4711);
      await pass(60_000);
    }
    expect(downs).toEqual(["acknowledgement-timeout"]);
  });

  it("loses the connection for a SUBACK too, and is asked again", async () => {
    const { connect, downs } = startSession({ protocolVersion: version, subscriptions });
    await connect({ suback: false });
    await pass(LIMIT_MS);
    expect(downs).toEqual(["acknowledgement-timeout"]);
    const { broker } = await connect({ connack: { sessionPresent: true } });
    expect(broker.of("subscribe")).toHaveLength(1);
    await pass(2 * LIMIT_MS);
    expect(downs).toHaveLength(1);
  });

  it("is not waited for after the end of the connection, nor after close", async () => {
    const started = startSession({ protocolVersion: version });
    const { broker } = await started.connect({ puback: false });
    started.publish("telemetry");
    broker.close();
    await pass(2 * LIMIT_MS);
    expect(started.downs).toEqual(["closed"]);
    await started.connect({ puback: false, connack: { sessionPresent: true } });
    started.session.close();
    await pass(2 * LIMIT_MS);
    expect(started.downs).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has five minutes again on the connection that took the place of one that was leaving", async () => {
    const { session, connect, publish, downs } = startSession({ protocolVersion: version });
    await connect({ puback: false });
    publish("telemetry");
    await pass(LIMIT_MS - 1_000);
    session.disconnect();
    const { broker } = await connect({ puback: false, connack: { sessionPresent: true } });
    expect(broker.of("publish")).toHaveLength(1);
    await pass(LIMIT_MS - 1_000);
    expect(downs).toEqual([]);
    await pass(1_000);
    expect(downs).toEqual(["acknowledgement-timeout"]);
  });
});

it("a message that is too large for the broker and is dropped owes nothing", async () => {
  const { session, connect, downs } = startSession({ protocolVersion: 5 });
  const { broker } = await connect({ connack: { properties: { maximumPacketSize: 100 } } });
  const outcomes: string[] = [];
  session.publish({ topic: "t", payload: bytes("x"), qos: 1 });
  session.publish({ topic: "t", payload: new Uint8Array(200), qos: 1 }, (outcome) => outcomes.push(outcome));
  await pass(2 * LIMIT_MS);
  expect(outcomes).toEqual(["too-large"]);
  expect(broker.of("publish")).toHaveLength(1);
  expect(downs).toEqual([]);
});
