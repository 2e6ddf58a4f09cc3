// The unchanged firmware on virtual time, with brokers that have something against one of its messages.
import { beforeAll, describe, expect, test } from "vitest";
import { decodeTelemetry, isTelemetry } from "../../cloud/payload/decode-telemetry";
import { standInServer } from "../../sim/virtual/tls-stand-in";
import { VirtualBroker } from "../../sim/virtual/virtual-broker";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { HEARS, mayPublish, maySubscribe, SAYS } from "../../sim/world/access-rule";
import { topicOf } from "../../tools/cloud/protocol";
import { buildFirmware } from "../support/firmware";
import { DAY_MS, renewableDevice } from "../support/renewal-service";
import { LONG, SEED } from "../support/volume";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DEVICE = "aerolink-02005e102030";
const topic = (name: string): string => topicOf(DEVICE, name);

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  // With a certificate that is to be renewed, so that it says all that a device may.
  const start = Date.UTC(2026, 10, 23);
  const { image } = await renewableDevice({ fromMs: start - 300 * DAY_MS, untilMs: start + 97 * DAY_MS });
  built = { ...(await buildFirmware()), identity: image };
});

const text = (payload: Uint8Array | undefined): string => Buffer.from(payload ?? []).toString();

class Rig {
  readonly virtual: VirtualWorld;
  readonly messages: { topic: string; text: string }[] = [];
  readonly readingTopics = new Set<string>();
  /** How old each reading was when it arrived first, ms. */
  readonly ages = new Map<number, number>();

  constructor(options: Partial<VirtualWorldOptions> = {}) {
    this.virtual = new VirtualWorld({ ...built, seed: 1, ...options });
    const { broker } = this.virtual;
    const deliver = broker.onPublish;
    broker.onPublish = (publication) => {
      deliver(publication);
      if (isTelemetry(publication.topic)) {
        this.readingTopics.add(publication.topic);
        this.#took(publication.payload);
      } else this.messages.push({ topic: publication.topic, text: text(publication.payload) });
    };
    this.virtual.world.powerOn();
  }

  online(): this {
    const reached = this.virtual.runUntilSight("solid blue", 12 * MINUTE_MS);
    expect(reached, this.log).toBeDefined();
    return this;
  }

  get log(): string {
    return this.virtual.trace.slice(-80).join("\n");
  }

  send(name: string, value: object, retain = false): void {
    this.virtual.broker.publish(topic(name), new TextEncoder().encode(JSON.stringify(value)), { retain });
  }

  /** The last answer to a command that is sent now. */
  ask(name: string, args?: object): { ok: boolean; result: Record<string, never> } | undefined {
    const id = `c${this.messages.length}-${name}`;
    this.send("command", { id, name, ...(args && { args }) });
    this.virtual.run(5_000);
    const answer = this.messages.findLast((each) => each.topic === topic("command/result"));
    const parsed = answer && JSON.parse(answer.text);
    return parsed?.id === id ? parsed : undefined;
  }

  get retainedStatus(): { online: boolean } | undefined {
    const kept = this.virtual.broker.retained.get(topic("status"));
    return kept && JSON.parse(text(kept));
  }

  #took(payload: Uint8Array): void {
    for (const { seq, unixSeconds } of decodeTelemetry(payload))
      if (unixSeconds !== undefined && !this.ages.has(seq))
        this.ages.set(seq, this.virtual.unixMs - unixSeconds * 1000);
  }
}

/** What the firmware says, each so that the broker closes over it: until the test says otherwise, every time. */
const POISONS: Record<string, (topic: string, payload: Uint8Array | undefined) => boolean> = {
  status: (each, payload) => each === topic("status") && payload !== undefined,
  "config/reported": (each) => each === topic("config/reported"),
  "command/result": (each) => each === topic("command/result"),
  state: (each) => each === topic("state"),
  "update/state": (each) => each === topic("update/state"),
  "identity/state": (each) => each === topic("identity/state"),
  "identity/request": (each) => each === topic("identity/request"),
  "homeassistant/…": (each) => each.startsWith("homeassistant/"),
  "homeassistant/… and state": (each) => each.startsWith("homeassistant/") || each === topic("state"),
  "the subscription to command": (each, payload) => each === topic("command") && payload === undefined,
  "the subscription to config/desired": (each) => each === topic("config/desired"),
  "the subscription to update/offer": (each) => each === topic("update/offer"),
  "the subscription to identity/renew": (each) => each === topic("identity/renew"),
  "the subscription to identity/trust": (each) => each === topic("identity/trust"),
  "the subscription to status": (each, payload) => each === topic("status") && payload === undefined,
  "everything but telemetry": (each) => each !== topic("telemetry"),
  "packets above 330 bytes": (_each, payload) => (payload?.length ?? 0) > 290,
  "batches of more than two": (each, payload) =>
    each === topic("telemetry") && payload !== undefined && decodeTelemetry(payload).length > 2,
};

/**
 * Whether a case above is about this message, or this subscription (no payload), and about no other. Readings on their
 * other topic have theirs below, with the setting `compression`.
 */
const hasCase = (each: string, payload: Uint8Array | undefined): boolean =>
  isTelemetry(each)
    ? "batches of more than two" in POISONS
    : Object.entries(POISONS).some(
        ([name, isPoison]) => name !== "everything but telemetry" && isPoison(each, payload),
      );

describe("A broker that closes over one kind of message", () => {
  test("is tried with every topic that a device may use, and a device uses no other", () => {
    const small = new Uint8Array(1);
    for (const name of SAYS) expect(hasCase(topic(name), small), name).toBe(true);
    for (const name of HEARS) expect(hasCase(topic(name), undefined), name).toBe(true);
    expect(hasCase("aerolink/v1/x/new", small)).toBe(false);

    const rig = new Rig({ settings: { homeAssistant: true } }).online();
    rig.ask("get-diagnostics");
    rig.send("config/desired", { version: 3, settings: { logLevel: "debug" } }, true);
    rig.virtual.run(10 * MINUTE_MS);
    rig.send("config/desired", { version: 4, settings: { compression: "zlib-dictionary" } }, true);
    rig.virtual.run(10 * MINUTE_MS);
    const device = { role: "device", name: DEVICE } as const;
    const said = new Set([...rig.readingTopics, ...rig.messages.map((each) => each.topic)]);
    const heard = rig.virtual.broker.subscribedTopics;
    expect([...said].filter((each) => !mayPublish(device, each) || !hasCase(each, small))).toEqual([]);
    expect(heard.filter((each) => !maySubscribe(device, each) || !hasCase(each, undefined))).toEqual([]);
    const names = [...said].map((each) => each.replace(topic(""), "")).filter((each) => SAYS.includes(each));
    expect(names.sort()).toEqual([...SAYS].sort());
    expect(heard.toSorted()).toEqual(HEARS.map(topic).sort());
    expect([...said].some((each) => each.startsWith("homeassistant/"))).toBe(true);
  });

  // Each run takes a third of them, by its seed.
  const poisons = Object.entries(POISONS).filter((_, i) => LONG || i % 3 === SEED % 3);
  test.each(poisons)("gets every reading all the same: %s", (_name, isPoison) => {
    const rig = new Rig({ settings: { homeAssistant: true } }).online();
    const { virtual } = rig;
    virtual.broker.faults.closesOver = isPoison;
    virtual.broker.crash({ forget: true });
    virtual.run(10 * MINUTE_MS);
    rig.ask("get-diagnostics");
    rig.send("config/desired", { version: 3, settings: { logLevel: "debug" } }, true);
    virtual.run(HOUR_MS);
    expect(virtual.broker.closes, rig.log).toBeGreaterThan(2);
    expect(virtual.delivered.size, rig.log).toBeGreaterThan(60);
    expect(Math.max(...rig.ages.values()), rig.log).toBeLessThan(10 * MINUTE_MS);
    const before = virtual.broker.closes;
    virtual.run(HOUR_MS);
    expect(virtual.broker.closes - before, rig.log).toBeLessThan(30);
    rig.online();
    delete virtual.broker.faults.closesOver;
    virtual.run(70 * MINUTE_MS);
    expect(rig.retainedStatus).toMatchObject({ online: true });
    expect(rig.ask("ping"), rig.log).toMatchObject({ ok: true });
  });

  test("gets all readings but the one that it closes over, and that one once it takes it", () => {
    const rig = new Rig().online();
    const { virtual } = rig;
    virtual.broker.faults.closesOver = (each, payload) =>
      each === topic("telemetry") &&
      payload !== undefined &&
      decodeTelemetry(payload).some(({ seq }) => seq === 13);
    virtual.run(2 * HOUR_MS);
    const seqs = [...rig.ages.keys()].sort((a, b) => a - b);
    const last = seqs.at(-1)!;
    expect(last, rig.log).toBeGreaterThan(110);
    expect(seqs).toEqual(Array.from({ length: last }, (_, i) => i + 1).filter((seq) => seq !== 13));
    expect(Math.max(...rig.ages.values()), rig.log).toBeLessThan(10 * MINUTE_MS);
    delete virtual.broker.faults.closesOver;
    virtual.run(11 * MINUTE_MS);
    expect(rig.ages.has(13), rig.log).toBe(true);
  });

  test("is named in the diagnostics by what was cut off", () => {
    const rig = new Rig({ settings: { homeAssistant: true } });
    rig.virtual.broker.faults.closesOver = POISONS.state!;
    rig.virtual.run(20 * MINUTE_MS);
    expect(rig.ask("get-diagnostics")?.result, rig.log).toMatchObject({
      failures: { "message-cut-off": expect.any(Number) },
    });
  });
});

describe("The setting `compression`", () => {
  const rigOf = () => new Rig({ settings: { compression: "zlib-dictionary" } });
  const seqsOf = (rig: Rig): number[] => [...rig.ages.keys()].sort((a, b) => a - b);
  const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

  test("moves each next batch to its topic, amid a backlog too, and no reading is lost", () => {
    const rig = new Rig({ settings: { mqttVersion: 5 } }).online();
    const { virtual } = rig;
    virtual.broker.faults.down = true;
    virtual.broker.crash();
    virtual.run(4 * HOUR_MS);
    delete virtual.broker.faults.down;
    const topics: string[] = [];
    const deliver = virtual.broker.onPublish;
    virtual.broker.onPublish = (publication) => {
      deliver(publication);
      if (!isTelemetry(publication.topic)) return;
      topics.push(publication.topic);
      const { length } = topics;
      if (length === 2)
        rig.send("config/desired", { version: 1, settings: { compression: "zlib-dictionary" } });
      if (length === 5) rig.send("config/desired", { version: 2, settings: { compression: "zlib" } });
    };
    rig.online();
    virtual.run(10 * MINUTE_MS);
    const [plain, short] = [topic("telemetry"), topic("telemetry/zd1")];
    const order = topics.filter((each, i) => each !== topics[i - 1]);
    expect(order, rig.log).toEqual([plain, short, plain]);
    expect(seqsOf(rig), rig.log).toEqual(upTo(rig.ages.size));
    expect(rig.ages.size).toBeGreaterThan(240);
  });

  test("keeps what a broker refuses there, and sends it once it is plain again", () => {
    const rig = rigOf();
    const { virtual } = rig;
    virtual.broker.faults.closesOver = (each) => each === topic("telemetry/zd1");
    virtual.run(HOUR_MS);
    expect(virtual.broker.closes).toBeGreaterThan(3);
    expect(rig.ages.size).toBe(0);
    rig.send("config/desired", { version: 1, settings: { compression: "zlib" } }, true);
    virtual.run(20 * MINUTE_MS);
    expect(rig.ages.size, rig.log).toBeGreaterThan(70);
    expect(seqsOf(rig), rig.log).toEqual(upTo(rig.ages.size));
  });
});

test("A batch that the broker never acknowledges while it acknowledges others comes again within ten minutes", () => {
  const rig = new Rig({ settings: { samplingSeconds: 10, readingsPerBatch: 2 } }).online();
  const { virtual } = rig;
  virtual.run(2 * MINUTE_MS);
  let swallowed = "";
  virtual.broker.faults.swallows = (each, payload) => {
    const key = Buffer.from(payload).toString("hex");
    if (swallowed === "" && each === topic("telemetry")) {
      swallowed = key;
      return true;
    }
    return false;
  };
  virtual.run(HOUR_MS);
  expect(swallowed).not.toBe("");
  expect(Math.max(...rig.ages.values()), rig.log).toBeLessThan(6 * MINUTE_MS);
  const seqs = [...rig.ages.keys()].sort((a, b) => a - b);
  expect(seqs).toEqual(Array.from({ length: seqs.at(-1)! }, (_, i) => i + 1));
});

test.each(["config/reported", "status"])(
  "A broker that keeps silence on %s and on all that follows gets every reading within ten minutes",
  (name) => {
    const rig = new Rig().online();
    const { virtual } = rig;
    virtual.broker.faults.silencedBy = (each) => each === topic(name);
    rig.send("config/desired", { version: 3, settings: { samplingSeconds: 20 } }, true);
    virtual.broker.crash();
    virtual.run(2 * HOUR_MS);
    expect(virtual.delivered.size, rig.log).toBeGreaterThan(300);
    expect(Math.max(...rig.ages.values()), rig.log).toBeLessThan(10 * MINUTE_MS);
  },
);

describe("The retained status", () => {
  const statusIs = (rig: Rig, online: boolean, withinMs: number): void => {
    const reached = rig.virtual.time.runUntil(() => rig.retainedStatus?.online === online, withinMs);
    expect(reached, rig.log).toBe(true);
  };

  test("is corrected when a late will says offline, or somebody clears it", () => {
    const rig = new Rig().online();
    statusIs(rig, true, 5_000);
    const { broker } = rig.virtual;
    broker.publish(topic("status"), new TextEncoder().encode('{"v":1,"online":false}'), { retain: true });
    statusIs(rig, true, 1_000);
    broker.publish(topic("status"), new Uint8Array(0), { retain: true });
    broker.retained.delete(topic("status"));
    statusIs(rig, true, 1_000);
    const said = rig.messages.filter((each) => each.topic === topic("status")).length;
    rig.virtual.run(HOUR_MS);
    expect(rig.messages.filter((each) => each.topic === topic("status"))).toHaveLength(said);
  });

  test("is corrected too when the will came before the subscription was there again", () => {
    const rig = new Rig().online();
    const { broker } = rig.virtual;
    const wills: boolean[] = [];
    const deliver = broker.onPublish;
    broker.onPublish = (publication) => {
      deliver(publication);
      // What a cluster does that learns late of the old connection's end.
      if (
        publication.topic !== topic("status") ||
        wills.length > 0 ||
        !text(publication.payload).includes("firmware")
      )
        return;
      wills.push(true);
      rig.virtual.time.set(
        () => broker.retained.set(topic("status"), new TextEncoder().encode('{"v":1,"online":false}')),
        1,
      );
    };
    broker.crash({ forget: true });
    rig.virtual.run(MINUTE_MS);
    rig.online();
    expect(wills).toEqual([true]);
    statusIs(rig, true, MINUTE_MS);
  });

  test("is offline in setup mode at once, and stays so", () => {
    const rig = new Rig().online();
    statusIs(rig, true, 5_000);
    rig.send("command", { id: "s1", name: "setup-mode" });
    statusIs(rig, false, 5_000);
    rig.virtual.run(5 * MINUTE_MS);
    expect(rig.retainedStatus).toMatchObject({ online: false });
  });

  test("is offline at the broker that was left, and online at the new one", () => {
    const rig = new Rig().online();
    const { virtual } = rig;
    const second = new VirtualBroker(virtual.time);
    virtual.zoneExtra["b2.example.com"] = { a: ["198.51.100.20"] };
    virtual.services.tcp.set(
      "198.51.100.20:8883",
      standInServer(second, () => "ok"),
    );
    rig.send("config/desired", { version: 5, settings: { brokerHost: "b2.example.com" } }, true);
    statusIs(rig, false, 10_000);
    virtual.run(MINUTE_MS);
    expect(rig.retainedStatus).toMatchObject({ online: false });
    expect(JSON.parse(text(second.retained.get(topic("status"))))).toMatchObject({ online: true });
  });
});

describe("Subscriptions", () => {
  test("that a broker lost while it says that it kept the session are made again", () => {
    const rig = new Rig().online();
    rig.virtual.broker.faults.forgetsSubscriptions = true;
    rig.virtual.broker.crash();
    rig.virtual.run(MINUTE_MS);
    rig.online();
    expect(rig.ask("ping"), rig.log).toMatchObject({ ok: true });
  });

  test("that were refused are asked for again while the connection holds, and told", () => {
    const rig = new Rig();
    rig.virtual.broker.faults.grantsNot = (each) => each === topic("command");
    rig.online();
    rig.virtual.run(MINUTE_MS / 2);
    expect(rig.ask("ping")).toBeUndefined();
    delete rig.virtual.broker.faults.grantsNot;
    rig.virtual.run(2 * MINUTE_MS);
    expect(rig.virtual.broker.connects).toBe(1);
    expect(rig.ask("get-diagnostics")?.result, rig.log).toMatchObject({
      failures: { "subscription-refused": 1 },
      lastFailure: "subscription-refused",
    });
  });
});
