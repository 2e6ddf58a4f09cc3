import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "../../../modules/base/logger";
import { REMEMBERED } from "../../../modules/commands/command-memory";
import { COMMANDS } from "../../../modules/commands/command-table";
import { type CommandActions, Commands } from "../../../modules/commands/commands";
import { limit } from "../../support/limit";
import { MemoryStore } from "../../support/memory-store";
import { faultsOf } from "../../support/schemas";
import { FUZZ_CASES, fuzz } from "../../support/volume";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

interface Result {
  readonly id: string | null;
  readonly ok: boolean;
  readonly error?: string;
  readonly result?: Record<string, unknown>;
}

/** A device's commands, over power cuts; the broker acknowledges by itself unless told not to. */
class Rig {
  readonly store = new MemoryStore();
  readonly effects: string[] = [];
  readonly results: Result[] = [];
  window = 4;
  acknowledging = true;
  /** Throws there: the power goes. */
  cutAt: "effect" | "after-effect" | "publish" | undefined;
  waiting: (() => void)[] = [];
  boot = 0;
  commands!: Commands;

  constructor() {
    this.powerOn();
  }

  powerOn(): void {
    this.boot++;
    this.waiting = [];
    const act = (effect: string): void => {
      if (this.cutAt === "effect") throw new Error("cut");
      this.effects.push(effect);
      if (this.cutAt === "after-effect") throw new Error("cut");
    };
    const actions: CommandActions = {
      identify: (seconds) => act(`identify ${seconds}`),
      readNow: () => {
        act("read-now");
        return { epoch: "5c0ffee1", seq: 7 };
      },
      restart: () => act("restart"),
      setupMode: () => act("setup-mode"),
      update: (release) => {
        if (release !== 12) return "not-offered";
        act("update 12");
        return undefined;
      },
      renewCertificate: () => {
        act("renew-certificate");
        return undefined;
      },
      bootPrevious: () => {
        act("boot-previous");
        return 9;
      },
      forgetNetwork: (ssid) => {
        if (ssid !== "Home") return "not-found";
        act("forget Home");
        return 1;
      },
      calibrateCo2: (ppm) => {
        if (ppm > 1_000) return "warming-up";
        act(`calibrate-co2 ${ppm}`);
        return undefined;
      },
    };
    this.commands = new Commands({
      log: silentLogger,
      actions,
      diagnostics: () => '{"heap":1}',
      store: this.store,
      boot: this.boot,
      uptimeMs: () => performance.now(),
      unixMs: () => 1_800_000_000_000,
      publish: (payload, qos, onSettled) => {
        if (this.cutAt === "publish") throw new Error("cut");
        if (qos === 1 && this.waiting.length >= this.window) return false;
        this.results.push(JSON.parse(payload));
        if (qos === 0) return true;
        this.waiting.push(onSettled!);
        if (this.acknowledging) setTimeout(() => this.acknowledge(), 20);
        return true;
      },
    });
  }

  acknowledge(): void {
    for (const settle of this.waiting.splice(0)) settle();
  }

  send(command: object, flags: { retain?: boolean; dup?: boolean } = {}): void {
    const payload = new TextEncoder().encode(JSON.stringify(command));
    this.commands.take(payload, { retain: false, dup: false, ...flags });
  }

  /** The power goes within this command. */
  sendAndCut(command: object, at: NonNullable<Rig["cutAt"]>): void {
    this.cutAt = at;
    expect(() => {
      this.send(command);
      vi.advanceTimersByTime(5_000);
    }).toThrow("cut");
    this.cutAt = undefined;
    vi.clearAllTimers();
    this.powerOn();
    this.commands.drain();
  }

  take(): Result[] {
    vi.advanceTimersByTime(5_000);
    return this.results.splice(0);
  }
}

test.each([
  [{ name: "ping" }, { boot: 1, uptime: expect.any(Number) }, []],
  [{ name: "get-diagnostics" }, { heap: 1 }, []],
  [{ name: "identify", args: { seconds: 3 } }, {}, ["identify 3"]],
  [{ name: "read-now" }, { epoch: "5c0ffee1", seq: 7 }, ["read-now"]],
  [{ name: "setup-mode" }, {}, ["setup-mode"]],
  [{ name: "calibrate-co2", args: { ppm: 430 } }, {}, ["calibrate-co2 430"]],
  [{ name: "forget-network", args: { ssid: "Home" } }, { networks: 1 }, ["forget Home"]],
  [{ name: "update", args: { release: 12 } }, {}, ["update 12"]],
  [{ name: "boot-previous" }, { release: 9 }, ["boot-previous"]],
  [{ name: "renew-certificate" }, {}, ["renew-certificate"]],
])("%j has one result and its effect once", (command, result, effects) => {
  const rig = new Rig();
  rig.send({ id: "a", ...command });
  expect(rig.take()).toEqual([{ id: "a", ok: true, result }]);
  expect(rig.effects).toEqual(effects);
});

test("What was run and what was refused is counted, and an uptime is in whole seconds", () => {
  const rig = new Rig();
  vi.advanceTimersByTime(12_345);
  const uptime = Math.floor(performance.now() / 1_000);
  rig.send({ id: "a", name: "ping" });
  rig.send({ id: "b", name: "update", args: { release: 13 } });
  rig.send({ id: "c", name: "dance" });
  rig.commands.takeOversized();
  const answers = new Map(rig.take().map(({ id, error, result }) => [id, error ?? result]));
  expect(Object.fromEntries(answers)).toEqual({
    a: { boot: 1, uptime },
    b: "not-offered",
    c: "unknown-command",
    null: "too-long",
  });
  expect(rig.commands.counts).toEqual({ run: 2, refused: 2, dropped: 0 });
});

test("The result of restart comes from the next boot and names it", () => {
  const rig = new Rig();
  rig.send({ id: "a", name: "restart" });
  expect(rig.take()).toEqual([]);
  expect(rig.effects).toEqual(["restart"]);
  rig.powerOn();
  rig.commands.drain();
  expect(rig.take()).toEqual([{ id: "a", ok: true, result: { boot: 2 } }]);
  rig.powerOn();
  rig.commands.drain();
  expect(rig.take()).toEqual([]);
});

test("Setup mode waits for the result to be acknowledged, and no longer than two seconds", () => {
  const rig = new Rig();
  rig.acknowledging = false;
  rig.send({ id: "a", name: "setup-mode" });
  vi.advanceTimersByTime(1_900);
  expect(rig.effects).toEqual([]);
  vi.advanceTimersByTime(400);
  expect(rig.effects).toEqual(["setup-mode"]);
});

test("A repeated id is answered from memory and not run again", () => {
  const rig = new Rig();
  rig.send({ id: "a", name: "read-now" });
  expect(rig.take()).toHaveLength(1);
  rig.send({ id: "a", name: "identify" });
  expect(rig.take()).toEqual([{ id: "a", ok: true, result: { epoch: "5c0ffee1", seq: 7 } }]);
  expect(rig.effects).toEqual(["read-now"]);
});

test("A redelivery is not answered twice, nor is a repetition while the result is on its way", () => {
  const rig = new Rig();
  rig.send({ id: "a", name: "read-now" });
  rig.send({ id: "a", name: "read-now" });
  rig.send({ id: "a", name: "read-now" }, { dup: true });
  expect(rig.take()).toHaveLength(1);
  rig.send({ id: "a", name: "read-now" }, { dup: true });
  expect(rig.take()).toEqual([]);
});

test("What the broker kept of an answered command is not answered again, nor run", () => {
  const rig = new Rig();
  rig.send({ id: "a", name: "read-now" });
  rig.take();
  rig.send({ id: "a", name: "read-now" }, { retain: true });
  expect(rig.take()).toEqual([]);
  expect(rig.effects).toEqual(["read-now"]);
});

test("Ten seconds earn one command that acts, counted on from the last one earned, and from now where all are", () => {
  const rig = new Rig();
  let n = 0;
  const ranAfter = (ms: number): boolean => {
    vi.advanceTimersByTime(ms);
    rig.effects.length = 0;
    rig.send({ id: `c${n++}`, name: "identify" });
    return rig.effects.length === 1;
  };
  const all = (): boolean[] => Array.from({ length: 9 }, () => ranAfter(0));
  expect(all()).toEqual([...Array(8).fill(true), false]);
  expect([ranAfter(9_999), ranAfter(1), ranAfter(5_000)]).toEqual([false, true, false]);
  expect([ranAfter(4_999), ranAfter(1), ranAfter(0)]).toEqual([false, true, false]);
  vi.advanceTimersByTime(85_000);
  expect(all()).toEqual([...Array(8).fill(true), false]);
  expect([ranAfter(9_999), ranAfter(1)]).toEqual([false, true]);
});

test("Of what lies in flash only commands in their own place count, from the first number on", () => {
  const rig = new Rig();
  const kept = 'answered read-now ID "ok":true,"result":{}';
  const stored = { 0: "0", 1: "1", 2: "2.5", 3: "-29", 4: "37", 5: "x" };
  for (const [place, seq] of Object.entries(stored))
    rig.store.values.set(place, `${seq} ${kept.replace("ID", `id${place}`)}`);
  rig.store.values.set("6", `6 lost ${kept.slice(9).replace("ID", "id6")}`);
  rig.powerOn();
  for (const place of [0, 1, 2, 3, 4, 5, 6])
    rig.send({ id: `id${place}`, name: "identify", args: { seconds: place + 1 } });
  rig.take();
  // Known is the second alone: the others run.
  expect(rig.effects).toEqual([1, 3, 4, 5, 6, 7].map((seconds) => `identify ${seconds}`));
});

test("What takes the device off the cloud happens once the results are acknowledged, all of it, and not after close", () => {
  const rig = new Rig();
  rig.acknowledging = false;
  const done: string[] = [];
  rig.send({ id: "a", name: "read-now" });
  rig.commands.whenAnswered(() => done.push("one"));
  rig.commands.whenAnswered(() => done.push("two"));
  vi.advanceTimersByTime(400);
  expect(done).toEqual([]);
  rig.acknowledge();
  vi.advanceTimersByTime(200);
  expect(done).toEqual(["one", "two"]);
  rig.commands.whenAnswered(() => done.push("never"));
  rig.commands.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(5_000);
  expect(done).toEqual(["one", "two"]);
});

test("An id is forgotten after 32 others, not before", () => {
  const rig = new Rig();
  rig.send({ id: "first", name: "read-now" });
  for (let i = 1; i < REMEMBERED; i++) {
    rig.send({ id: `p${i}`, name: "ping" });
    rig.take();
  }
  rig.send({ id: "first", name: "read-now" });
  expect(rig.take()).toHaveLength(1);
  expect(rig.effects).toEqual(["read-now"]);
  rig.send({ id: "one-more", name: "ping" });
  rig.take();
  rig.send({ id: "first", name: "read-now" });
  rig.take();
  expect(rig.effects).toEqual(["read-now", "read-now"]);
});

test("A retained or stale command is refused and has no effect; one that is not stale yet runs", () => {
  const rig = new Rig();
  rig.send({ id: "a", name: "read-now" }, { retain: true });
  rig.send({ id: "b", name: "read-now", expires: 1_800_000_000 });
  rig.send({ id: "c", name: "read-now", expires: 1_800_000_001 });
  expect(rig.take().map(({ id, error }) => [id, error])).toEqual([
    ["a", "retained"],
    ["b", "expired"],
    ["c", undefined],
  ]);
  expect(rig.effects).toEqual(["read-now"]);
});

test("What cannot be read is answered with what is wrong", () => {
  const rig = new Rig();
  rig.commands.take(new TextEncoder().encode("{"), { retain: false, dup: false });
  rig.commands.takeOversized();
  rig.send({ id: "a", name: "dance" });
  rig.send({ id: "b", name: "forget-network", args: { ssid: "Elsewhere" } });
  expect(rig.take()).toEqual([
    { id: null, ok: false, error: "not-json" },
    { id: null, ok: false, error: "too-long" },
    { id: "a", ok: false, error: "unknown-command" },
    { id: "b", ok: false, error: "not-found" },
  ]);
});

test.each([
  ["before the effect", "effect"],
  ["after the effect", "after-effect"],
] as const)("A power cut %s: it is not run again, and the result comes", (_when, at) => {
  const rig = new Rig();
  rig.sendAndCut({ id: "a", name: "read-now" }, at);
  const before = rig.effects.length;
  rig.send({ id: "a", name: "read-now" }, { dup: true });
  expect(rig.take()).toEqual([{ id: "a", ok: false, error: "interrupted" }]);
  expect(rig.effects).toHaveLength(before);
});

test("A power cut between the effect and the result: the result comes, once", () => {
  const rig = new Rig();
  rig.sendAndCut({ id: "a", name: "read-now" }, "publish");
  rig.send({ id: "a", name: "read-now" }, { dup: true });
  expect(rig.take()).toEqual([{ id: "a", ok: true, result: { epoch: "5c0ffee1", seq: 7 } }]);
  expect(rig.effects).toEqual(["read-now"]);
});

test("A power cut in the middle of a restart: it was one", () => {
  const rig = new Rig();
  rig.sendAndCut({ id: "a", name: "restart" }, "effect");
  rig.send({ id: "a", name: "restart" }, { dup: true });
  expect(rig.take()).toEqual([{ id: "a", ok: true, result: { boot: 2 } }]);
  expect(rig.effects).toEqual([]);
});

test("Flash that refuses: the command is not run, and that is said", () => {
  const rig = new Rig();
  for (let place = 0; place < REMEMBERED; place++) rig.store.broken.add(String(place));
  rig.send({ id: "a", name: "read-now" });
  rig.send({ id: "b", name: "ping" });
  expect(rig.take().map(({ id, error }) => [id, error])).toEqual([
    ["a", "storage"],
    ["b", undefined],
  ]);
  expect(rig.effects).toEqual([]);
});

test("Commands that act are limited in rate, since flash wears; what only asks is not", () => {
  const rig = new Rig();
  for (let i = 0; i < 20; i++) rig.send({ id: `a${i}`, name: "identify" });
  expect(rig.take().filter(({ error }) => error === "busy")).toHaveLength(12);
  const writes = rig.store.written.length;
  for (let i = 0; i < 20; i++) rig.send({ id: `b${i}`, name: "ping" });
  expect(rig.take().filter(({ ok }) => ok)).toHaveLength(20);
  expect(rig.store.written).toHaveLength(writes);
  vi.advanceTimersByTime(15_000);
  rig.send({ id: "later", name: "identify" });
  expect(rig.take()).toMatchObject([{ id: "later", ok: true }]);
});

test("A busy command is not remembered: sent again it runs", () => {
  const rig = new Rig();
  for (let i = 0; i < 9; i++) rig.send({ id: `a${i}`, name: "identify" });
  expect(rig.take()).toContainEqual({ id: "a8", ok: false, error: "busy" });
  rig.effects.length = 0;
  vi.advanceTimersByTime(20_000);
  rig.send({ id: "a8", name: "identify" });
  expect(rig.take()).toEqual([{ id: "a8", ok: true, result: {} }]);
  expect(rig.effects).toEqual(["identify 10"]);
});

test("A thousand commands while nothing is acknowledged: 32 are kept, every other is told to come again", () => {
  const rig = new Rig();
  rig.acknowledging = false;
  for (let i = 0; i < 1_000; i++) rig.send({ id: `a${i}`, name: "ping" });
  expect(rig.waiting).toHaveLength(2);
  expect(rig.results.filter(({ error }) => error === "busy")).toHaveLength(1_000 - REMEMBERED);
  rig.acknowledging = true;
  rig.results.length = 0;
  while (rig.waiting.length > 0) rig.acknowledge();
  expect(rig.take()).toHaveLength(REMEMBERED - 2);
});

test("Whatever lies in flash, the commands begin and answer", () => {
  const place = fc.nat({ max: 31 });
  const stored = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "5 owed read-now a {",
      '5 owed ping b "ok":true,"result":{}',
      "5 begun restart c ",
      "37 answered identify d ",
      '5 owed x e "ok":true',
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(place, stored)), (values) => {
      const rig = new Rig();
      for (const [at, text] of values) rig.store.values.set(String(at), text);
      rig.powerOn();
      rig.commands.drain();
      rig.send({ id: "fresh", name: "ping" });
      expect(rig.take().filter(({ id }) => id === "fresh")).toHaveLength(1);
      rig.commands.close();
    }),
    fuzz(),
  );
});

test(
  "Whatever is sent, spoilt commands above all, each has one answer at most, and all of it fits the schema",
  () => {
    const id = fc.constantFrom("a", "b", "c", "9f1c2d34-5b6a-4c7d-8e9f-0a1b2c3d4e5f", "", "x y");
    const name = fc.constantFrom(...Object.keys(COMMANDS), "dance", "__proto__");
    const args = fc.oneof(
      fc.constant({ seconds: 5 }),
      fc.constant({ ssid: "Home" }),
      fc.dictionary(
        fc.constantFrom("seconds", "ssid", "__proto__", "toString"),
        fc.anything({ maxDepth: 3 }),
      ),
    );
    const command = fc.record({ id, name, args, expires: fc.integer() }, { requiredKeys: ["id", "name"] });
    const text = command.map((value) => {
      try {
        return JSON.stringify(value);
      } catch {
        return "{}"; // a bigint, a loop
      }
    });
    const bytes = text.map((each) => new TextEncoder().encode(each));
    const change = fc.record({
      at: fc.nat(1_000),
      value: fc.nat(255),
      kind: fc.constantFrom("set", "drop", "add"),
    });
    const spoilt = fc.tuple(bytes, fc.array(change, { maxLength: 3 })).map(([whole, changes]) => {
      const list = [...whole];
      for (const { at, value, kind } of changes)
        list.splice(at % (list.length + 1), kind === "add" ? 0 : 1, ...(kind === "drop" ? [] : [value]));
      return Uint8Array.from(list);
    });
    const rubbish = fc.uint8Array({ maxLength: 1_100 });
    const messages = fc.array(
      fc.record({ payload: fc.oneof(bytes, spoilt, rubbish), retain: fc.boolean(), dup: fc.boolean() }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(messages, (all) => {
        const rig = new Rig();
        for (const { payload, ...flags } of all) rig.commands.take(payload, flags);
        const results = rig.take();
        expect(results.length).toBeLessThanOrEqual(all.length);
        for (const result of results) {
          // The rig's diagnostics are not the device's.
          const diagnostics = result.result && "heap" in result.result;
          expect(faultsOf("command-result", diagnostics ? { ...result, result: {} } : result)).toBe("");
        }
        expect(rig.store.values.size).toBeLessThanOrEqual(REMEMBERED);
        rig.commands.close();
        vi.clearAllTimers();
      }),
      // Some eight payloads a case.
      fuzz(FUZZ_CASES / 8),
    );
  },
  limit(300_000),
);
