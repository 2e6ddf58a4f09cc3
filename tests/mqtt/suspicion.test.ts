import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../../mqtt/session";
import type { ScriptedBroker } from "../support/scripted-broker";
import { bytes, fakeClock, pass, startSession } from "./support";

beforeEach(fakeClock);
afterEach(() => {
  vi.useRealTimers();
});

type Kind = NonNullable<Message["kind"]>;

/** A broker that closes as soon as it gets what `isPoison` says, again and again. */
function poisoned(protocolVersion: 4 | 5, isPoison: (topic: string) => boolean, options = {}) {
  const started = startSession({ protocolVersion, ...options });
  const settled: string[] = [];
  const publish = (topic: string, kind: Kind = "reading", strikes?: number) =>
    started.session.publish(
      { topic, payload: bytes("x"), qos: 1, kind, ...(strikes !== undefined && { strikes }) },
      (outcome) => settled.push(`${topic} ${outcome}`),
    );
  /** One connection, until the broker closes or has nothing more to do. Returns what it got. */
  const attempt = async (): Promise<string[]> => {
    const { broker } = started.dial({ puback: false, suback: false, connack: { sessionPresent: true } });
    const seen: string[] = [];
    for (let step = 0; step < 20 && !broker.clientClosed; step++) {
      await pass(20);
      if (!answer(broker, seen)) return seen;
    }
    return seen;
  };
  const answer = (broker: ScriptedBroker, seen: string[]): boolean => {
    for (const packet of broker.received.splice(0)) {
      if (packet.cmd !== "publish" && packet.cmd !== "subscribe") continue;
      const topic = packet.cmd === "publish" ? packet.topic : packet.subscriptions[0]!.topic;
      seen.push(topic);
      if (isPoison(topic)) {
        broker.close();
        return false;
      }
      if (packet.cmd === "publish") broker.acknowledge(packet.messageId!);
      else broker.send({ cmd: "suback", messageId: packet.messageId!, granted: [1] });
    }
    return true;
  };
  const attempts = async (count: number): Promise<string[][]> => {
    const all: string[][] = [];
    for (let i = 0; i < count && started.session.state === "idle"; i++) {
      all.push(await attempt());
      await pass(100);
    }
    return all;
  };
  return { ...started, publish, settled, attempts };
}

const isPoison = (topic: string): boolean => topic.startsWith("poison");

describe.each([4, 5] as const)("a broker of version %i that closes over a message", (version) => {
  it("gets it five times among others, three of them alone, and never again", async () => {
    const { publish, settled, attempts, downs, drops } = poisoned(version, isPoison);
    for (const topic of ["a", "poison", "b"]) publish(topic);
    expect(await attempts(6)).toEqual([
      ["a", "poison"],
      ["poison"],
      ["poison"],
      ["poison"],
      ["poison"],
      ["b"],
    ]);
    expect(settled).toEqual(["a acknowledged", "poison cut-off", "b acknowledged"]);
    expect(downs).toEqual(Array(5).fill("closed"));
    expect(drops).toMatchObject([{ reason: "cut-off", topic: "poison" }]);
  });

  it("gets three times what is alone from the beginning", async () => {
    const { publish, settled, attempts, session } = poisoned(version, isPoison);
    publish("poison");
    expect(await attempts(3)).toEqual([["poison"], ["poison"], ["poison"]]);
    expect(settled).toEqual(["poison cut-off"]);
    // The way back to the others is as short as those before.
    expect(session.isDoubting).toBe(true);
    expect(await attempts(1)).toEqual([[]]);
    session.disconnect();
    await pass(3_000);
    expect(session.isDoubting).toBe(false);
  });

  it("gets what is new before what is suspect, and one after the other", async () => {
    const { publish, attempts, session } = poisoned(version, isPoison);
    publish("poison");
    publish("b");
    await attempts(2);
    publish("new");
    expect(session.isDoubting).toBe(true);
    expect(await attempts(3)).toEqual([["new", "poison"], ["poison"], ["poison"]]);
  });

  it("gets the readings first, when the poison is an announcement", async () => {
    const { publish, settled, attempts } = poisoned(version, isPoison);
    publish("poison", "announcement");
    publish("status", "word");
    publish("reading");
    expect((await attempts(1))[0]).toEqual(["status", "reading", "poison"]);
    expect(await attempts(3)).toEqual([["poison"], ["poison"], []]);
    expect(settled).toEqual(["status acknowledged", "reading acknowledged", "poison cut-off"]);
  });

  it("gets every message but the two over which it closes", async () => {
    const { publish, settled, attempts } = poisoned(version, isPoison);
    for (const topic of ["poison 1", "a", "poison 2", "b"]) publish(topic);
    await attempts(12);
    expect([...settled].sort()).toEqual([
      "a acknowledged",
      "b acknowledged",
      "poison 1 cut-off",
      "poison 2 cut-off",
    ]);
  });

  it("gets a suspect of earlier days once", async () => {
    const { publish, settled, attempts } = poisoned(version, isPoison);
    publish("poison", "reading", 2);
    expect(await attempts(2)).toEqual([["poison"], []]);
    expect(settled).toEqual(["poison cut-off"]);
  });

  it("gets the other subscriptions, and asks again after a pause for the one over which it closed", async () => {
    const subscriptions = ["command", "poison", "desired"].map((topic) => ({ topic, qos: 1 as const }));
    const { publish, attempts, drops, settled } = poisoned(version, isPoison, { subscriptions });
    publish("reading");
    const all = await attempts(6);
    expect(all.at(-1)).toEqual(["command", "desired"]);
    expect(drops).toMatchObject([{ reason: "subscription-refused", topic: "poison" }]);
    expect(settled).toEqual(["reading acknowledged"]);
  });
});

describe("no message is given up", () => {
  it.each(["ping-timeout", "connect-timeout", "protocol"] as const)(
    "for connections that end in %s",
    async (reason) => {
      const started = startSession();
      const { outcomes } = started.publish("t");
      for (let i = 0; i < 8; i++) {
        const { wire } = await started.connect({ puback: false });
        if (reason === "ping-timeout") {
          wire.peer.onBytes = () => {};
          await pass(70_000);
        } else wire.end(reason);
        await pass(10);
      }
      expect(started.downs).toEqual(Array(8).fill(reason));
      expect(outcomes).toEqual([]);
      expect((await started.connect()).broker.of("publish")).toHaveLength(1);
      expect(outcomes).toEqual(["acknowledged"]);
    },
  );

  it("for closes before CONNACK", async () => {
    const started = startSession();
    const { outcomes } = started.publish("t");
    await started.connect({ puback: false });
    started.session.disconnect();
    await pass(3_000);
    for (let i = 0; i < 8; i++) {
      const { wire } = started.dial({ connack: false });
      await pass(10);
      wire.end("closed");
      await pass(10);
    }
    await started.connect();
    expect(outcomes).toEqual(["acknowledged"]);
  });

  it("for goodbyes of ours", async () => {
    const started = startSession();
    const { outcomes } = started.publish("t");
    for (let i = 0; i < 8; i++) {
      await started.connect({ puback: false });
      started.session.disconnect();
      await pass(3_000);
    }
    await started.connect();
    expect(outcomes).toEqual(["acknowledged"]);
  });

  it.each([0x89, 0x8b, 0x8e, 0x98, 0x9d])(
    "for a DISCONNECT with code %i, which blames none",
    async (code) => {
      const started = startSession({ protocolVersion: 5 });
      const { outcomes } = started.publish("t");
      for (let i = 0; i < 8; i++) {
        const { broker } = await started.connect({ puback: false });
        broker.send({ cmd: "disconnect", reasonCode: code });
        await pass(10);
      }
      await started.connect();
      expect(outcomes).toEqual(["acknowledged"]);
    },
  );

  it("for a broker that falls silent over it: that holds the others back once only", async () => {
    const started = startSession();
    const { outcomes } = started.publish("silent");
    for (let i = 0; i < 2; i++) (await started.connect({ puback: false })).wire.end("closed");
    const third = await started.connect({ puback: false });
    const behind = started.publish("behind");
    await pass(300_000);
    expect(started.downs.at(-1)).toBe("acknowledgement-timeout");
    expect(third.broker.of("publish").map(({ topic }) => topic)).toEqual(["silent"]);
    const fourth = await started.connect({ puback: false });
    expect(fourth.broker.of("publish").map(({ topic }) => topic)).toEqual(["behind"]);
    expect([outcomes, behind.outcomes]).toEqual([[], []]);
  });
});

it("a DISCONNECT with a reason that may be a message counts as a close", async () => {
  const started = startSession({ protocolVersion: 5 });
  const { outcomes } = started.publish("t");
  for (let i = 0; i < 3; i++) {
    const { broker } = await started.connect({ puback: false });
    broker.send({ cmd: "disconnect", reasonCode: 0x95 });
    await pass(10);
  }
  expect(outcomes).toEqual(["cut-off"]);
});

it("one place of the window is a reading's", async () => {
  const started = startSession();
  const word = () => started.session.publish({ topic: "w", payload: bytes("x"), qos: 1, kind: "word" });
  expect([word(), word(), word(), word()]).toEqual([true, true, true, false]);
  expect(started.publish("reading").taken).toBe(true);
});
