import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

/** Milliseconds until the session says why it is down. */
async function untilDown(
  started: ReturnType<typeof startSession>,
  everySecond: () => void = () => {},
): Promise<number> {
  for (let ms = 0; ms < 200_000; ms += 1000) {
    if (started.downs.length > 0) return ms;
    everySecond();
    await pass(1000);
  }
  return Number.POSITIVE_INFINITY;
}

describe("keep-alive", () => {
  it("asks after 60 s of silence, and stays up while answered", async () => {
    const started = startSession();
    const { broker } = await started.connect();
    await pass(59_800);
    expect(broker.of("pingreq")).toHaveLength(0);
    await pass(300);
    expect(broker.of("pingreq")).toHaveLength(1);
    await pass(600_000);
    expect(broker.of("pingreq")).toHaveLength(11);
    expect(started.downs).toEqual([]);
  });

  it("sends something at least every 60 s, whatever the broker sends", async () => {
    const started = startSession();
    const { broker } = await started.connect();
    for (let second = 0; second < 600; second += 10) {
      broker.publish("t", "chatter");
      await pass(10_000);
    }
    expect(broker.of("pingreq").length).toBeGreaterThanOrEqual(9);
    expect(started.downs).toEqual([]);
  });

  it("does not ask while packets go both ways", async () => {
    const started = startSession();
    const { broker } = await started.connect();
    for (let i = 0; i < 20; i++) {
      started.publish("t");
      await pass(30_000);
    }
    expect(broker.of("pingreq")).toEqual([]);
  });

  it("sees a half-open connection within 75 s", async () => {
    const started = startSession();
    const { wire } = await started.connect();
    await pass(31_000);
    wire.breakSilently();
    expect(await untilDown(started)).toBeLessThanOrEqual(75_000);
    expect(started.downs).toEqual(["ping-timeout"]);
    expect(wire.closed).toBe(true);
  });

  it.each([0, 1] as const)("sees it within 75 s although QoS %i is published into it", async (qos) => {
    const started = startSession({ inFlightLimit: 100 });
    const { wire } = await started.connect();
    wire.breakSilently();
    expect(await untilDown(started, () => started.publish("t", "x", qos))).toBeLessThanOrEqual(75_000);
    expect(started.downs).toEqual(["ping-timeout"]);
  });

  it("gives a broker 10 s to answer, and not one more", async () => {
    const started = startSession();
    const { broker } = await started.connect({ pingresp: false });
    await pass(60_000);
    expect(broker.of("pingreq")).toHaveLength(1);
    await pass(9_800);
    broker.send({ cmd: "pingresp" });
    await pass(30_000);
    expect(started.downs).toEqual([]);
    await pass(40_000);
    expect(started.downs).toEqual(["ping-timeout"]);
  });

  it("takes any byte for an answer", async () => {
    const started = startSession();
    const { broker } = await started.connect({ pingresp: false });
    await pass(65_000);
    broker.sendBytes(Uint8Array.of(0x30));
    await pass(50_000);
    expect(started.downs).toEqual([]);
  });

  it("takes a PINGRESP that nobody asked for", async () => {
    const started = startSession();
    const { broker } = await started.connect();
    broker.send({ cmd: "pingresp" });
    await pass(100);
    expect(started.downs).toEqual([]);
  });

  it.each([
    [10, 10_000],
    [600, 60_000],
    [0, 60_000],
  ])("with a Server Keep Alive of %i s asks after %i ms", async (serverKeepAlive, periodMs) => {
    const started = startSession({ protocolVersion: 5 });
    const { broker } = await started.connect({ connack: { properties: { serverKeepAlive } } });
    await pass(periodMs - 200);
    expect(broker.of("pingreq")).toHaveLength(0);
    await pass(300);
    expect(broker.of("pingreq")).toHaveLength(1);
  });

  it("is not misled by the wrap of the tick counter", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"], now: 0 });
    await pass(0x7fffffff - 30_000);
    const started = startSession();
    const { broker } = await started.connect();
    await pass(59_000);
    expect(broker.of("pingreq")).toHaveLength(0);
    await pass(1_100);
    expect(broker.of("pingreq")).toHaveLength(1);
  });
});
