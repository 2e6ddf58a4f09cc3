// The unchanged firmware and its cloud, both ways, on virtual time. Every payload is held to docs/schemas.

import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { QUANTITY_NAMES } from "../../modules/telemetry/quantities";
import { findScenario } from "../../sim/scenes/scenarios";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { CLOUD_ADDRESS, CLOUD_HOST } from "../../sim/world/names";
import { parseTopic, topicOf } from "../../tools/cloud/protocol";
import { buildFirmware } from "../support/firmware";
import { haFaults } from "../support/home-assistant";
import { faultsOf, SCHEMA_OF_TOPIC } from "../support/schemas";
import { SEED } from "../support/volume";

const MINUTE_MS = 60_000;
const DEVICE = "aerolink-02005e102030";

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

// biome-ignore lint/suspicious/noExplicitAny: payloads are held to their schemas as they come
type Payload = any;

class Rig {
  readonly virtual: VirtualWorld;
  readonly results: Payload[] = [];
  reported: Payload;
  status: Payload;
  state: Payload;
  readonly discovery = new Map<string, string>();
  #next = 1;

  constructor(options: Partial<VirtualWorldOptions> = {}) {
    this.virtual = new VirtualWorld({ ...built, seed: 1, ...options });
    const { broker } = this.virtual;
    const deliver = broker.onPublish;
    broker.onPublish = (publication) => {
      deliver(publication);
      this.#take(publication.topic, Buffer.from(publication.payload).toString());
    };
    this.virtual.world.powerOn();
    this.online();
  }

  online(): void {
    const reached = this.virtual.runUntilSight("solid blue", 12 * MINUTE_MS);
    expect(reached, this.log).toBeDefined();
  }

  get log(): string {
    return this.virtual.trace.slice(-60).join("\n");
  }

  raw(name: string, payload: string | Uint8Array, retain = false): void {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    this.virtual.broker.publish(topicOf(DEVICE, name), bytes, { retain });
  }

  send(name: string, args?: object, id = `c${this.#next++}`): string {
    this.raw("command", JSON.stringify({ id, name, ...(args && { args }) }));
    return id;
  }

  resultsOf(id: string | null): Payload[] {
    return this.results.filter((result) => result.id === id);
  }

  /** Sends a command and runs until its one result is there. */
  ask(name: string, args?: object): Payload {
    const id = this.send(name, args);
    expect(
      this.virtual.time.runUntil(() => this.resultsOf(id).length > 0, MINUTE_MS),
      this.log,
    ).toBe(true);
    this.virtual.run(3_000);
    expect(this.resultsOf(id)).toHaveLength(1);
    return this.resultsOf(id)[0];
  }

  desire(settings: object, version: number): Payload {
    this.raw("config/desired", JSON.stringify({ version, settings }), true);
    expect(
      this.virtual.time.runUntil(() => this.reported?.version === version, 10_000),
      this.log,
    ).toBe(true);
    return this.reported;
  }

  #take(topic: string, text: string): void {
    if (topic.startsWith("homeassistant/")) {
      this.discovery.set(topic, text);
      return;
    }
    const { name } = parseTopic(topic)!;
    const schema = SCHEMA_OF_TOPIC[name];
    if (!schema || text === "") return;
    const value = JSON.parse(text);
    expect(faultsOf(schema, value), `${topic} ${text}`).toBe("");
    if (name === "command/result") this.results.push(value);
    if (name === "config/reported") this.reported = value;
    if (name === "status") this.status = value;
    if (name === "state") this.state = value;
  }
}

test("Each command has one result and its effect", async () => {
  const rig = new Rig();
  expect(rig.ask("ping")).toMatchObject({ ok: true, result: { boot: 1 } });
  expect(rig.ask("identify", { seconds: 2 })).toMatchObject({ ok: true });
  const { result } = rig.ask("read-now");
  expect(rig.virtual.delivered.has(`${result.epoch}:${result.seq}`)).toBe(true);
  expect(rig.ask("get-diagnostics").result).toMatchObject({
    firmware: "0.1.0",
    boot: 1,
    reset: "power-on",
    clock: { quality: "synced" },
    network: { mac: "02:00:5e:10:20:30" },
    commands: { run: 4, refused: 0, dropped: 0 },
    failures: {},
    connects: 1,
  });
  const restart = rig.send("restart");
  rig.virtual.run(1_000);
  // The world restarts a board in promises, which virtual time does not run.
  await new Promise((resolve) => setImmediate(resolve));
  rig.online();
  rig.virtual.run(1_000);
  expect(rig.resultsOf(restart)).toMatchObject([{ ok: true, result: { boot: 2 } }]);
  expect(rig.ask("get-diagnostics").result).toMatchObject({ boot: 2, reset: "restart" });
});

test("Diagnostics count each reason for being away, and name the last", () => {
  const rig = new Rig({ networks: [{ ssid: "Home", password: "correct horse" }] });
  const { virtual } = rig;
  expect(rig.ask("get-diagnostics").result).toMatchObject({ failures: {}, lastFailure: null });
  virtual.world.gateway.internet = false;
  virtual.run(5 * MINUTE_MS);
  virtual.world.gateway.internet = true;
  virtual.world.gateway.reconsider();
  rig.online();
  const { failures, lastFailure } = rig.ask("get-diagnostics").result;
  expect(Object.keys(failures)).toContain("no-internet");
  expect(failures["no-internet"]).toBeGreaterThan(1);
  expect(Object.keys(failures)).toContain(lastFailure);
});

test("Of a broker that is not to be trusted the diagnostics keep why", () => {
  const rig = new Rig();
  const { virtual } = rig;
  virtual.faults.brokerTls = "wrong-name";
  virtual.broker.crash();
  virtual.run(2 * MINUTE_MS);
  delete virtual.faults.brokerTls;
  rig.online();
  const { failures, lastFailure } = rig.ask("get-diagnostics").result;
  expect(failures).toMatchObject({ "cloud-tls": expect.any(Number), "wrong-name": failures["cloud-tls"] });
  expect(lastFailure).toBe("wrong-name");
});

test("A time server that does not answer is counted too", () => {
  const routers = findScenario("firewall-123")!.routers("");
  const rig = new Rig({ routers });
  rig.virtual.run(MINUTE_MS);
  expect(rig.ask("get-diagnostics").result).toMatchObject({
    clock: { quality: "estimated" },
    failures: { "sntp-blocked": expect.any(Number) },
    lastFailure: "sntp-blocked",
  });
});

test("Setup mode is entered by command, after the result has arrived", () => {
  const rig = new Rig();
  expect(rig.ask("setup-mode")).toMatchObject({ ok: true });
  expect(rig.virtual.runUntilSight("pulse yellow", 10_000)).toBeDefined();
});

test("A forgotten network is gone; the one that the device is on no cloud can take away", () => {
  const home = { ssid: "Home", password: "correct horse" };
  const rig = new Rig({ networks: [{ ssid: "Before", password: "another pass" }, home] });
  expect(rig.ask("forget-network", { ssid: "Elsewhere" })).toMatchObject({ error: "not-found" });
  expect(rig.ask("forget-network", { ssid: "Home" })).toMatchObject({ error: "in-use" });
  expect(rig.ask("forget-network", { ssid: "Before" })).toMatchObject({ ok: true, result: { networks: 1 } });
  expect(rig.ask("forget-network", { ssid: "Home" })).toMatchObject({ error: "in-use" });
  rig.virtual.run(24 * 60 * MINUTE_MS);
  expect(rig.virtual.sight).toBe("solid blue");
  rig.virtual.cutPower();
  expect(rig.virtual.storage.keyValue("aerolink").get("networks")).toBe(JSON.stringify([home]));
  rig.virtual.world.powerOn();
  rig.online();
});

test("Setup mode by command ends by itself after ten minutes in which nobody came", () => {
  const rig = new Rig();
  expect(rig.ask("setup-mode")).toMatchObject({ ok: true });
  expect(rig.virtual.runUntilSight("pulse yellow", 10_000)).toBeDefined();
  expect(rig.virtual.runUntilSight("solid blue", 12 * MINUTE_MS), rig.log).toBeDefined();
});

test("A configuration that was overtaken is refused and said, over a power cut too", () => {
  const rig = new Rig();
  rig.desire({ samplingSeconds: 30 }, 9);
  rig.virtual.cutPower();
  rig.virtual.world.powerOn();
  rig.online();
  const late = rig.desire({ samplingSeconds: 600 }, 3);
  expect(late).toMatchObject({ newest: 9, state: "refused", fault: "older-version" });
  expect(late.settings).toMatchObject({ samplingSeconds: 30 });
});

test("The examples of docs/protocol.md are taken by a device", () => {
  const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/```json ([\w-]+)\n(.*?)```/gs)];
  const rig = new Rig({ networks: [{ ssid: "Home", password: "correct horse" }] });
  const commands = blocks.filter(([, schema]) => schema === "command").map(([, , text]) => text!);
  expect(commands.length).toBeGreaterThan(1);
  for (const text of commands) {
    rig.raw("command", text);
    rig.virtual.run(5_000);
    expect(rig.results.at(-1)).toMatchObject({ id: JSON.parse(text).id, ok: true });
  }
  const [, , desired] = blocks.find(([, schema]) => schema === "config-desired")!;
  const { version, settings } = JSON.parse(desired!);
  expect(rig.desire(settings, version)).toMatchObject({ state: "applied", settings });
});

test("A command that the broker retained is refused when it comes with a new session", () => {
  const rig = new Rig();
  rig.virtual.broker.crash({ forget: true });
  rig.raw("command", '{"id":"old","name":"read-now"}', true);
  rig.virtual.run(5 * MINUTE_MS);
  expect(rig.resultsOf("old")).toEqual([{ id: "old", ok: false, error: "retained" }]);
});

test("A command that waited too long at the broker is refused", () => {
  const rig = new Rig();
  rig.virtual.broker.faults.down = true;
  rig.virtual.broker.crash();
  const expires = Math.floor(rig.virtual.unixMs / 1000) + 60;
  rig.raw("command", JSON.stringify({ id: "late", name: "read-now", expires }));
  rig.raw("command", JSON.stringify({ id: "early", name: "read-now", expires: expires + 3_600 }));
  rig.virtual.run(5 * MINUTE_MS);
  delete rig.virtual.broker.faults.down;
  rig.online();
  rig.virtual.run(5_000);
  expect(rig.resultsOf("late")).toEqual([{ id: "late", ok: false, error: "expired" }]);
  expect(rig.resultsOf("early")).toMatchObject([{ ok: true }]);
});

test("Commands with power cuts at any moment: no effect twice, and one result each", () => {
  const rig = new Rig({ seed: SEED, settings: { samplingSeconds: 3_600 } });
  const { virtual } = rig;
  const ids: string[] = [];
  for (let cut = 0; cut < 15; cut++) {
    for (let i = 0; i < 2; i++) ids.push(rig.send("read-now"));
    virtual.run(virtual.random.below(200));
    virtual.cutPower();
    virtual.run(1_000);
    virtual.world.powerOn();
    rig.online();
    virtual.run(25_000);
  }
  for (const id of ids) {
    const bodies = new Set(rig.resultsOf(id).map((result) => JSON.stringify(result)));
    expect([...bodies], `seed ${SEED}, ${id}`).toHaveLength(1);
  }
  const run = ids.filter((id) => rig.resultsOf(id)[0].ok).map((id) => rig.resultsOf(id)[0].result.seq);
  expect(new Set(run).size).toBe(run.length);
  const interrupted = ids.length - run.length;
  // One reading a boot is taken by the schedule; no command took two.
  const readings = Math.max(...[...virtual.delivered.keys()].map((key) => Number(key.split(":")[1])));
  expect(readings).toBeLessThanOrEqual(run.length + interrupted + 16);
});

test("Rubbish of every kind is answered, changes nothing, and telemetry goes on", () => {
  const rig = new Rig({ settings: { samplingSeconds: 5, readingsPerBatch: 1 } });
  const before = JSON.stringify(rig.reported.settings);
  const rubbish: [string | Uint8Array, string][] = [
    ["{", "not-json"],
    ["[1,2]", "not-an-object"],
    ["[".repeat(350), "too-complex"],
    [`${'{"a":'.repeat(300)}1${"}".repeat(300)}`, "too-long"],
    ['{"__proto__":{"id":"x"}}', "bad-id"],
    [new Uint8Array([0xff, 0xfe, 0x00]), "not-json"],
    [new Uint8Array(1_048_576).fill(0x5b), "too-long"],
  ];
  for (const [payload, error] of rubbish) {
    rig.results.length = 0;
    rig.raw("command", payload);
    rig.virtual.run(5_000);
    expect(rig.results).toEqual([{ id: null, ok: false, error }]);
    if (payload.length > 4_000) continue;
    rig.raw("config/desired", payload, false);
    rig.virtual.run(5_000);
    expect(rig.reported).toMatchObject({ version: null, state: "refused" });
  }
  expect(JSON.stringify(rig.reported.settings)).toBe(before);
  const delivered = rig.virtual.delivered.size;
  rig.virtual.run(MINUTE_MS);
  expect(rig.virtual.delivered.size).toBeGreaterThanOrEqual(delivered + 11);
  expect(rig.virtual.broker.connects).toBe(1);
});

test("A thousand commands a second for ten seconds: telemetry goes on, keep-alive too, and it answers after", () => {
  const rig = new Rig({ settings: { samplingSeconds: 2, readingsPerBatch: 1 } });
  const { virtual } = rig;
  const before = virtual.delivered.size;
  for (let i = 0; i < 10_000; i++) {
    rig.raw("command", `{"id":"f${i}","name":"${i % 2 ? "ping" : "identify"}"}`);
    virtual.run(1);
  }
  expect(virtual.delivered.size).toBeGreaterThanOrEqual(before + 4);
  virtual.run(2 * MINUTE_MS);
  expect(virtual.broker.connects).toBe(1);
  expect(virtual.sight).toBe("solid blue");
  expect(rig.ask("ping")).toMatchObject({ ok: true });
  const { commands } = rig.ask("get-diagnostics").result;
  expect(commands.run + commands.refused).toBe(10_002);
  for (const id of ["f1", "f9999"]) expect(rig.resultsOf(id).length).toBeLessThanOrEqual(1);
  console.log(`of 10,000 commands ${commands.run} were run, ${commands.dropped} answered by silence`);
});

test("While a backlog of 1,800 readings drains, each command is answered within half a second", () => {
  const rig = new Rig({ settings: { samplingSeconds: 2 } });
  const { virtual } = rig;
  const setRouter = (on: boolean): void =>
    virtual.world.change(({ routers }) => {
      routers[0]!.on = on;
    });
  setRouter(false);
  virtual.run(60 * MINUTE_MS);
  setRouter(true);
  rig.online();
  const pending = (): number => 1_800 - virtual.delivered.size;
  expect(pending()).toBeGreaterThan(1_500);
  let asked = 0;
  for (; pending() > 30; asked++) {
    const id = rig.send("ping");
    expect(
      virtual.time.runUntil(() => rig.resultsOf(id).length > 0, 500),
      rig.log,
    ).toBe(true);
    virtual.run(500);
  }
  expect(asked).toBeGreaterThan(8);
});

test("A journal that was damaged beyond reading is formatted, and diagnostics say why", () => {
  const rig = new Rig();
  const { virtual } = rig;
  expect(rig.ask("get-diagnostics").result.journal).toMatchObject({ formatted: "blank" });
  const { epoch } = rig.status.journal;
  virtual.cutPower();
  virtual.world.powerOn();
  rig.online();
  expect(rig.ask("get-diagnostics").result.journal).toMatchObject({ formatted: null, epoch });
  virtual.cutPower();
  virtual.flash.cells.fill(0x5a);
  virtual.world.powerOn();
  rig.online();
  const { journal } = rig.ask("get-diagnostics").result;
  expect(journal.formatted).toBe("foreign");
  expect(journal.epoch).not.toBe(epoch);
  virtual.run(10 * MINUTE_MS);
  expect(virtual.trace.filter((line) => line.includes(", boot "))).toHaveLength(3);
});

test("Settings are applied live and survive a power cut", () => {
  const rig = new Rig();
  const settings = { samplingSeconds: 2, readingsPerBatch: 1, publishSeconds: 60, ledBrightness: 20 };
  expect(rig.desire(settings, 7)).toMatchObject({ state: "applied", settings });
  const before = rig.virtual.delivered.size;
  rig.virtual.run(20_000);
  expect(rig.virtual.delivered.size).toBeGreaterThanOrEqual(before + 9);
  rig.virtual.cutPower();
  rig.virtual.world.powerOn();
  rig.online();
  rig.virtual.run(5_000);
  expect(rig.reported).toMatchObject({ version: 7, state: "applied", settings });
});

test("New time servers are asked without a restart", () => {
  const rig = new Rig();
  const setBy = (): string[] => rig.virtual.trace.filter((line) => line.includes("set by"));
  expect(setBy().at(-1)).toContain("set by 0.pool.ntp.org");
  rig.desire({ sntpServers: ["2.pool.ntp.org"], logLevel: "debug" }, 1);
  rig.virtual.run(65 * MINUTE_MS);
  expect(rig.virtual.trace.join("\n")).toMatch(/clock: .*2\.pool\.ntp\.org/);
});

test("One bad key refuses the whole, and the errors say which", () => {
  const rig = new Rig();
  expect(rig.desire({ samplingSeconds: 30, ledBrightness: 0, networks: "x" }, 3)).toMatchObject({
    state: "refused",
    errors: { ledBrightness: "out-of-range", networks: "not-allowed" },
    settings: { samplingSeconds: 60, ledBrightness: 100 },
  });
});

test("A new broker that is there becomes the broker", () => {
  const rig = new Rig();
  rig.desire({ brokerHost: CLOUD_ADDRESS }, 7);
  expect(rig.reported.state).toBe("trying-broker");
  rig.virtual.run(30_000);
  expect(rig.reported).toMatchObject({ state: "applied", settings: { brokerHost: CLOUD_ADDRESS } });
  expect(rig.virtual.sight).toBe("solid blue");
  rig.virtual.cutPower();
  rig.virtual.world.powerOn();
  rig.online();
  expect(rig.log).toContain(`connecting to ${CLOUD_ADDRESS}:8883`);
});

test.each([
  ["", false],
  [", also with a power cut in between", true],
])("A new broker that is not there is rolled back: pulse blue, then solid blue again%s", (_title, cut) => {
  const rig = new Rig();
  const { virtual } = rig;
  rig.desire({ brokerHost: "10.255.255.1" }, 7);
  virtual.run(MINUTE_MS);
  expect(virtual.sight, rig.log).toBe("pulse blue");
  if (cut) {
    virtual.cutPower();
    virtual.world.powerOn();
    virtual.run(MINUTE_MS);
    expect(virtual.sight).toBe("pulse blue");
  }
  rig.online();
  virtual.run(5_000);
  expect(rig.reported).toMatchObject({
    version: 7,
    state: "rolled-back",
    errors: { brokerHost: "unreachable" },
    settings: { brokerHost: CLOUD_HOST },
  });
  virtual.run(10 * MINUTE_MS);
  expect(virtual.sight).toBe("solid blue");
});

test("Home Assistant hears nothing until it is asked for; then each quantity, and values in their units", () => {
  const rig = new Rig({ settings: { samplingSeconds: 5 } });
  rig.virtual.run(MINUTE_MS);
  expect(rig.discovery.size).toBe(0);
  expect(rig.state).toBeUndefined();
  rig.desire({ homeAssistant: true }, 1);
  rig.virtual.run(30_000);
  expect(rig.discovery.size).toBe(9);
  for (const [topic, text] of rig.discovery) {
    expect(topic).toMatch(/^homeassistant\/sensor\/aerolink-02005e102030\/\w+\/config$/);
    expect(haFaults(JSON.parse(text)), text).toBe("");
  }
  expect(rig.state.time).toBeCloseTo(rig.virtual.unixMs / 1000, -1);
  expect(Object.keys(rig.state)).toHaveLength(10);
  const expiries = (): Set<number> =>
    new Set([...rig.discovery.values()].map((text) => JSON.parse(text).expire_after));
  expect(expiries()).toEqual(new Set([75]));
  rig.desire({ samplingSeconds: 600 }, 2);
  rig.virtual.run(5_000);
  expect(expiries(), "a value must not expire before the next one").toEqual(new Set([1_860]));
  rig.desire({ homeAssistant: false }, 3);
  rig.virtual.run(5_000);
  expect([...rig.discovery.values()]).toEqual(Array(QUANTITY_NAMES.length).fill(""));
});

test("The status tells the essentials, and the will takes their place", () => {
  const rig = new Rig();
  expect(rig.status).toMatchObject({ online: true, boot: 1, clock: "synced", journal: { dropped: 0 } });
  rig.virtual.cutPower();
  rig.virtual.run(3 * MINUTE_MS);
  expect(rig.status).toEqual({ v: 1, online: false });
});
