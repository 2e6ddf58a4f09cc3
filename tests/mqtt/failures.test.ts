import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SocketFailure } from "../../modules/network/socket";
import { MemoryWire } from "../support/memory-socket";
import { ScriptedBroker } from "../support/scripted-broker";
import { bytes, fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

const REFUSALS_4 = [
  [1, "refused-protocol-version"],
  [2, "refused-client-id"],
  [3, "refused-server-unavailable"],
  [4, "refused-credentials"],
  [5, "refused-not-authorised"],
  [6, "refused-other"],
] as const;

const REFUSALS_5 = [
  [0x80, "refused-other"],
  [0x84, "refused-protocol-version"],
  [0x85, "refused-client-id"],
  [0x86, "refused-credentials"],
  [0x87, "refused-not-authorised"],
  [0x88, "refused-server-unavailable"],
  [0x89, "refused-server-unavailable"],
  [0x8a, "refused-not-authorised"],
  [0x8c, "refused-credentials"],
  [0x97, "refused-other"],
  [0x9a, "broker-unsuitable"],
  [0x9b, "broker-unsuitable"],
  [0x9c, "refused-server-unavailable"],
  [0x9d, "refused-server-unavailable"],
  [0x9f, "refused-server-unavailable"],
] as const;

describe("a refusal in CONNACK", () => {
  it.each(REFUSALS_4)("3.1.1 code %i is %s", async (code, reason) => {
    const { connect, downs, ups } = startSession();
    const { wire } = await connect({ connack: { code } });
    expect([downs, ups]).toEqual([[reason], []]);
    expect(wire.closed).toBe(true);
  });

  it.each(REFUSALS_5)("5 code %i is %s", async (code, reason) => {
    const { connect, downs, ups } = startSession({ protocolVersion: 5 });
    await connect({ connack: { code } });
    expect([downs, ups]).toEqual([[reason], []]);
  });

  it("of MQTT 5 by a broker that only knows 3.1.1 is understood", async () => {
    const { dial, downs } = startSession({ protocolVersion: 5 });
    const { broker } = dial({ connack: false });
    await pass(10);
    broker.sendBytes(Uint8Array.of(0x20, 2, 0, 1));
    await pass(10);
    expect(downs).toEqual(["refused-protocol-version"]);
  });
});

describe("the end of a connection", () => {
  it("comes after 10 s without CONNACK", async () => {
    const { dial, downs } = startSession();
    const { wire } = dial({ connack: false });
    await pass(10_000);
    expect(downs).toEqual([]);
    await pass(1);
    expect(downs).toEqual(["connack-timeout"]);
    expect(wire.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(1); // the peer learning of the close
  });

  it.each<SocketFailure>(["connect-refused", "connect-timeout", "unknown-ca", "closed"])(
    "passes the socket's reason on: %s",
    async (reason) => {
      const { session, dial, downs } = startSession();
      const { wire } = dial({}, { latencyMs: 50 });
      wire.end(reason);
      await pass(1000);
      expect(downs).toEqual([reason]);
      expect(session.state).toBe("idle");
    },
  );

  it.each([
    ["before CONNACK", "closed-on-connect", { connack: false as const }],
    ["after CONNACK", "closed", {}],
  ])("is told once when the broker closes %s: %s", async (_name, reason, script) => {
    const { connect, downs } = startSession();
    const { broker } = await connect(script);
    broker.close();
    await pass(100_000);
    expect(downs).toEqual([reason]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is told when the broker closes within a packet", async () => {
    const { connect, downs, messages } = startSession();
    const { broker } = await connect();
    broker.sendBytes(Uint8Array.of(0x30, 100, 0, 1));
    broker.close();
    await pass(10);
    expect([downs, messages]).toEqual([["closed"], []]);
  });

  it("is told with the broker's own reason in MQTT 5", async () => {
    for (const [code, reason] of [
      [0x8e, "session-taken-over"],
      [0x8b, "server-disconnect"],
    ]) {
      const lines: string[] = [];
      const info = (line: string) => void lines.push(line);
      const logger = { error: info, warn: info, info, debug: info };
      const { connect, downs } = startSession({ protocolVersion: 5, logger });
      const { broker } = await connect();
      broker.send({ cmd: "disconnect", reasonCode: code });
      broker.close();
      await pass(10);
      expect(downs).toEqual([reason]);
      expect(lines.at(-1)).toContain(`(${code})`);
    }
  });

  const VIOLATIONS: [string, number[]][] = [
    ["a second CONNACK", [0x20, 2, 0, 0]],
    ["a CONNECT", [0x10, 13, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 1, 97]],
    ["a PINGREQ", [0xc0, 0]],
    ["a DISCONNECT of 3.1.1", [0xe0, 0]],
    ["a reserved type", [0x00, 0]],
    ["a PUBREC, though we never publish at QoS 2", [0x50, 2, 0, 1]],
    ["an UNSUBACK", [0xb0, 2, 0, 1]],
    ["a PUBACK with flags", [0x41, 2, 0, 1]],
    ["a PUBACK without an id", [0x40, 0]],
    ["a PUBACK for id 0", [0x40, 2, 0, 0]],
    ["a PUBLISH of QoS 3", [0x36, 5, 0, 1, 116, 0, 1]],
    ["a PUBLISH with id 0", [0x32, 5, 0, 1, 116, 0, 0]],
    ["a PUBLISH without a topic", [0x30, 2, 0, 0]],
    ["a PUBLISH whose topic passes its end", [0x30, 3, 0, 9, 116]],
    ["a PUBLISH to a wildcard", [0x30, 3, 0, 1, 35]],
    ["a topic with a null character", [0x30, 4, 0, 2, 116, 0]],
    ["a topic that is not UTF-8", [0x30, 4, 0, 2, 0xc3, 0x28]],
    ["a PINGRESP with a body", [0xd0, 1, 0]],
    ["an endless length", [0x30, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ["an oversized packet that is no PUBLISH", [0x90, 0xff, 0x7f, ...new Array<number>(16383).fill(0)]],
    ["an oversized PUBLISH with id 0", [0x32, 0xff, 0x7f, 0, 1, 116, ...new Array<number>(16380).fill(0)]],
  ];

  it.each(VIOLATIONS)("comes at once with a protocol error: %s", async (_name, raw) => {
    const { session, connect, downs } = startSession();
    const { wire, broker } = await connect();
    broker.sendBytes(Uint8Array.from(raw));
    await pass(10);
    expect(downs).toEqual(["protocol-error"]);
    expect(session.state).toBe("idle");
    expect(wire.closed).toBe(true);
  });

  it.each([
    ["a PUBLISH before CONNACK", [0x30, 3, 0, 1, 116]],
    ["an oversized PUBLISH before CONNACK", [0x30, 0xff, 0x7f, 0, 1, ...new Array<number>(16381).fill(0)]],
    ["a CONNACK with flags", [0x20, 2, 2, 0]],
    ["a CONNACK of one byte", [0x20, 1, 0]],
    ["TLS", [0x15, 3, 1, 0, 2, 2, 70]],
    ["HTTP", [...bytes(`HTTP/1.1 400 Bad Request\r\nServer: ${"x".repeat(80)}\r\n\r\n`)]],
  ])("comes with a protocol error while greeting: %s", async (_name, raw) => {
    const { dial, downs } = startSession();
    const { broker } = dial({ connack: false });
    await pass(10);
    broker.sendBytes(Uint8Array.from(raw));
    await pass(10);
    expect(downs).toEqual(["protocol-error"]);
  });

  it.each([
    ["Receive Maximum 0", [0x20, 6, 0, 0, 3, 0x21, 0, 0]],
    ["Maximum Packet Size 0", [0x20, 8, 0, 0, 5, 0x27, 0, 0, 0, 0]],
    ["an unknown property", [0x20, 5, 0, 0, 2, 0x7f, 0]],
    ["properties that pass its end", [0x20, 4, 0, 0, 9, 0x21]],
  ])("comes with a protocol error for a CONNACK of MQTT 5 with %s", async (_name, raw) => {
    const { dial, downs } = startSession({ protocolVersion: 5 });
    const { broker } = dial({ connack: false });
    await pass(10);
    broker.sendBytes(Uint8Array.from(raw));
    await pass(10);
    expect(downs).toEqual(["protocol-error"]);
  });

  it("comes with a protocol error for a topic alias that we never allowed", async () => {
    const { connect, downs } = startSession({ protocolVersion: 5 });
    const { broker } = await connect();
    broker.publish("t", "x", { properties: { topicAlias: 1 } });
    await pass(10);
    expect(downs).toEqual(["protocol-error"]);
  });

  it("comes with a protocol error for a SUBACK with too many codes", async () => {
    const { connect, downs } = startSession({ subscriptions: [{ topic: "a", qos: 1 }] });
    await connect({ suback: [1, 1] });
    expect(downs).toEqual(["protocol-error"]);
  });

  it("takes no packet after the one that ended it", async () => {
    const { connect, downs, messages } = startSession();
    const { broker } = await connect({}, { delivery: "joined" });
    broker.publish("t", "before");
    broker.sendBytes(Uint8Array.of(0xc0, 0));
    broker.publish("t", "after");
    await pass(100);
    expect(downs).toEqual(["protocol-error"]);
    expect(messages.map(({ payload }) => payload)).toEqual(["before"]);
  });
});

describe("callbacks", () => {
  const everywhere = ["onUp", "onDown", "onMessage", "onDropped", "onDrain", "onSettled"] as const;

  async function provoke(act: (started: ReturnType<typeof startSession>) => void, where: string) {
    const after: string[] = [];
    let acted = false;
    const at = (name: string) => () => {
      if (acted) after.push(name);
      if (name !== where || acted) return;
      acted = true;
      act(started);
    };
    const started: ReturnType<typeof startSession> = startSession({
      protocolVersion: 5,
      inFlightLimit: 1,
      onUp: at("onUp"),
      onDown: at("onDown"),
      onMessage: at("onMessage"),
      onDropped: at("onDropped"),
      onDrain: at("onDrain"),
    });
    const { wire, broker } = await started.connect({ puback: false }, { delivery: "joined" });
    const publish = () => {
      const message = { topic: "t", payload: bytes("x"), qos: 1 as const };
      return started.session.publish(message, at("onSettled"));
    };
    publish();
    publish();
    broker.publish("t", "1", { qos: 1, messageId: 1 });
    broker.publish("t", "2", { qos: 2, messageId: 2 });
    broker.acknowledge(1, 0x87);
    await pass(50);
    broker.publish("t", "3", { qos: 1, messageId: 3 });
    wire.end("closed");
    await pass(50);
    return { after, acted, started, broker };
  }

  it.each(everywhere)("may close the session: %s", async (where) => {
    const { after, acted, started } = await provoke(({ session }) => session.close(), where);
    expect(acted).toBe(true);
    expect(after).toEqual([]);
    expect(started.session.state).toBe("closed");
    await pass(1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(everywhere)("may publish: %s", async (where) => {
    const { acted } = await provoke(({ publish }) => {
      publish("again");
      publish("again", "x", 0);
    }, where);
    expect(acted).toBe(true);
  });

  it.each(everywhere)("may disconnect: %s", async (where) => {
    const { acted, started, broker } = await provoke(({ session }) => session.disconnect(), where);
    expect(acted).toBe(true);
    await pass(3000);
    expect(started.session.state).toBe("idle");
    // Nothing follows a DISCONNECT [MQTT-3.14.4-2]; when the callback tells of the end, none was sent.
    const sent = broker.received.map(({ cmd }) => cmd);
    expect(sent.indexOf("disconnect")).toBe(where === "onDown" ? -1 : sent.length - 1);
  });

  it("may connect again from onDown, and from any callback after a goodbye", async () => {
    const onDown = vi.fn((): void => void started.dial());
    const started = startSession({ onDown });
    const first = await started.connect();
    first.wire.end("closed");
    await pass(10);
    expect(started.session.state).toBe("up");
    expect(started.ups).toEqual([false, false]);

    let reconnected = false;
    const other = startSession({
      onMessage: () => {
        if (reconnected) return;
        reconnected = true;
        other.session.disconnect();
        other.dial();
      },
    });
    const { broker, wire } = await other.connect({}, { delivery: "joined" });
    broker.publish("t", "1", { qos: 1, messageId: 1 });
    broker.publish("t", "2", { qos: 1, messageId: 2 });
    await pass(100);
    expect(wire.closed).toBe(true);
    expect(broker.of("puback")).toEqual([]);
    expect(other.session.state).toBe("up");
  });
});

describe("MQTT 5 is told why we go", () => {
  it.each([
    ["a protocol error", 0x82, async (broker: ScriptedBroker) => broker.sendBytes(Uint8Array.of(0xc0, 0))],
    [
      "an acknowledgement that never comes",
      0x83,
      async (_broker: ScriptedBroker, publish: () => unknown) => {
        publish();
        await pass(300_001);
      },
    ],
  ])("%s: %i", async (_what, reasonCode, provoke) => {
    for (const protocolVersion of [5, 4] as const) {
      const { connect, publish, downs } = startSession({ protocolVersion });
      const { broker } = await connect({ puback: false });
      await provoke(broker, () => publish("t"));
      await pass(10);
      expect(downs).toHaveLength(1);
      const farewells = broker.of("disconnect");
      if (protocolVersion === 5) expect(farewells).toMatchObject([{ reasonCode }]);
      else expect(farewells).toEqual([]);
    }
  });
});

describe("a broker that takes no MQTT 5", () => {
  /** Versions of the CONNECT packets of so many attempts. */
  async function attempt(
    answer: (broker: ScriptedBroker, version: number) => void,
    count: number,
    takes: 4 | "neither" = 4,
  ) {
    const started = startSession({ protocolVersion: 5 });
    const { outcomes } = started.publish("t", "waits");
    const versions: number[] = [];
    for (let i = 0; i < count && started.ups.length === 0; i++) {
      const wire = new MemoryWire();
      let broker: ScriptedBroker | undefined;
      // The version of a connection is known from its CONNECT only.
      wire.peer.onBytes = (first) => {
        const version = first[8] as 4 | 5;
        versions.push(version);
        broker = new ScriptedBroker(wire.peer, { version, connack: version === takes ? {} : false });
        wire.peer.onBytes(first);
        answer(broker, version);
      };
      started.session.connect(wire.open);
      await pass(50);
    }
    return { ...started, versions, outcomes };
  }

  it("and says so is spoken to in 3.1.1 the next time, with what waited", async () => {
    const { versions, ups, outcomes, session } = await attempt((broker, version) => {
      if (version === 5) broker.sendBytes(Uint8Array.of(0x20, 2, 0, 1));
    }, 5);
    expect(versions).toEqual([5, 4]);
    expect(ups).toEqual([false]);
    expect(outcomes).toEqual(["acknowledged"]);
    session.close();
  });

  it("and closes is spoken to in 3.1.1 from the third time on", async () => {
    const { versions, outcomes, session } = await attempt((broker, version) => {
      if (version === 5) broker.close();
    }, 5);
    expect(versions).toEqual([5, 5, 4]);
    expect(outcomes).toEqual(["acknowledged"]);
    session.close();
  });

  it("nor 3.1.1 is tried with both in turn", async () => {
    const { versions, session } = await attempt((broker) => broker.close(), 8, "neither");
    expect(versions).toEqual([5, 5, 4, 4, 5, 5, 4, 4]);
    session.close();
  });

  it("is no broker that is away: nothing changes for that", async () => {
    const started = startSession({ protocolVersion: 5 });
    for (const reason of ["connect-refused", "closed", "handshake-timeout", "connect-timeout"] as const) {
      const { wire } = started.dial({}, { latencyMs: 50 });
      wire.end(reason);
      await pass(100);
    }
    const { broker } = await started.connect();
    expect(broker.of("connect")[0]?.protocolVersion).toBe(5);
  });
});

it("a SUBSCRIBE above the broker's Maximum Packet Size is not sent, and told", async () => {
  const topic = "x".repeat(60);
  const { connect, drops, session } = startSession({
    protocolVersion: 5,
    subscriptions: [
      { topic, qos: 1 },
      { topic: "short", qos: 1 },
    ],
  });
  const { broker } = await connect({ connack: { properties: { maximumPacketSize: 40 } } });
  expect(broker.of("subscribe")).toMatchObject([{ subscriptions: [{ topic: "short" }] }]);
  expect(drops).toMatchObject([{ reason: "subscription-refused", topic }]);
  expect(session.state).toBe("up");
});
