// The broker's profile on trial, with the unchanged firmware on virtual time.
import { beforeAll, expect, test } from "vitest";
import { TRIAL_MS } from "../../modules/configuration/broker-trial";
import { type Identity, parseIdentity } from "../../modules/identity/identity";
import { VirtualWorld } from "../../sim/virtual/virtual-world";
import { topicOf } from "../../tools/cloud/protocol";
import { formatIdentity } from "../../tools/identity/format";
import { buildFirmware } from "../support/firmware";
import { get, join, post } from "../support/phone-client";
import { faultsOf } from "../support/schemas";

const MINUTE_MS = 60_000;
const DEVICE = "aerolink-02005e102030";
const PREFIX = `dt/${DEVICE}/air`;
const ACCOUNT = { user: "we", password: "s3cret" };
const PROFILE = {
  topicPrefix: "dt/{id}/air",
  clientId: "air-{id}",
  brokerUser: ACCOUNT.user,
  brokerPassword: ACCOUNT.password,
};

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

class Rig {
  readonly virtual: VirtualWorld;
  /** Topics in the order of their messages, with their clients. */
  readonly heard: { clientId: string; topic: string }[] = [];
  #version = 0;

  constructor(settings: object = {}) {
    this.virtual = new VirtualWorld({ ...built, seed: 1, settings: settings as never });
    const { broker } = this.virtual;
    const deliver = broker.onPublish;
    broker.onPublish = (publication) => {
      deliver(publication);
      this.heard.push(publication);
    };
    this.virtual.world.powerOn();
    this.online();
  }

  online(): void {
    expect(this.virtual.runUntilSight("solid blue", 12 * MINUTE_MS), this.log).toBeDefined();
  }

  get log(): string {
    return this.virtual.trace.slice(-60).join("\n");
  }

  /** What is retained, of the topics below `base`. */
  retained(name: string, base = topicOf(DEVICE, "").slice(0, -1)) {
    const bytes = this.virtual.broker.retained.get(`${base}/${name}`);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  }

  desire(settings: object, base?: string): void {
    const topic = base === undefined ? topicOf(DEVICE, "config/desired") : `${base}/config/desired`;
    const text = JSON.stringify({ version: ++this.#version, settings });
    this.virtual.broker.publish(topic, new TextEncoder().encode(text), { retain: true });
  }

  async restart(): Promise<void> {
    this.virtual.cutPower();
    this.virtual.run(2_000);
    // The world restarts a board in promises, which virtual time does not run.
    await new Promise((resolve) => setImmediate(resolve));
    this.virtual.world.powerOn();
  }

  /** All readings that were taken have reached the broker. */
  expectNothingLost(): void {
    const { virtual } = this;
    virtual.run(10 * MINUTE_MS);
    expect(virtual.delivered.size).toBeGreaterThan(0);
    const seqs = [...virtual.delivered.keys()].map((key) => Number(key.split(":")[1])).sort((a, b) => a - b);
    expect(seqs, this.log).toEqual(seqs.map((_, i) => i + 1));
  }
}

test("A profile that holds is kept: user, password, prefix and client id, at once and after a power cut", async () => {
  const rig = new Rig({ homeAssistant: true });
  const { virtual } = rig;
  virtual.run(3 * MINUTE_MS);
  rig.desire(PROFILE);
  virtual.run(20_000);
  expect(virtual.sight).toBe("solid blue");
  expect(rig.retained("config/reported", PREFIX)).toMatchObject({
    state: "applied",
    settings: { ...PROFILE, brokerPassword: true },
  });
  expect(faultsOf("config-reported", rig.retained("config/reported", PREFIX))).toBe("");
  // Goodbye at the old place, in the broker's own words: nobody is there any more.
  expect(rig.retained("status")).toMatchObject({ online: false });
  expect(rig.retained("status", PREFIX)).toMatchObject({ online: true });
  virtual.broker.faults.credentials = ACCOUNT;
  await rig.restart();
  rig.online();
  rig.heard.length = 0;
  virtual.run(6 * MINUTE_MS);
  expect(new Set(rig.heard.map(({ clientId }) => clientId))).toEqual(new Set([`air-${DEVICE}`]));
  const topics = new Set(
    rig.heard.map(({ topic }) => topic).filter((topic) => !topic.startsWith("homeassistant/")),
  );
  expect(
    [...topics].every((topic) => topic.startsWith(`${PREFIX}/`)),
    [...topics].join(),
  ).toBe(true);
  expect(topics).toContain(`${PREFIX}/telemetry`);
  const [, discovery] = [...virtual.broker.retained].find(([topic]) => topic.startsWith("homeassistant/"))!;
  expect(JSON.parse(new TextDecoder().decode(discovery))).toMatchObject({
    state_topic: `${PREFIX}/state`,
    availability_topic: `${PREFIX}/status`,
  });
  rig.expectNothingLost();
  expect(virtual.trace.join("\n")).not.toContain(ACCOUNT.password);
});

test.each([
  ["a wrong password", { ...PROFILE, brokerPassword: "wrong" }, "refused-credentials"],
  ["no password", { brokerPassword: "" }, "refused-credentials"],
  ["another user", { brokerUser: "other" }, "refused-credentials"],
  ["a host whose broker is down", { brokerHost: "nowhere.example" }, "name-not-found"],
])("%s: the trial fails as a whole, for a reason in words, and nothing is lost", (_what, profile, reason) => {
  const rig = new Rig(ACCOUNT_SETTINGS);
  const { virtual } = rig;
  virtual.broker.faults.credentials = ACCOUNT;
  virtual.run(2 * MINUTE_MS);
  rig.desire(profile);
  virtual.run(30_000);
  expect(virtual.sight).toBe("pulse blue");
  virtual.run(TRIAL_MS);
  rig.online();
  virtual.run(10_000);
  const report = rig.retained("config/reported");
  expect(report).toMatchObject({
    state: "rolled-back",
    reason,
    settings: {
      brokerHost: expect.anything(),
      topicPrefix: "aerolink/v1/{id}",
      brokerUser: "we",
      brokerPassword: true,
    },
  });
  expect(faultsOf("config-reported", report)).toBe("");
  rig.expectNothingLost();
});

const ACCOUNT_SETTINGS = { brokerUser: ACCOUNT.user, brokerPassword: ACCOUNT.password };

test.each([
  ["says nothing to CONNECT", "broker-down"],
  ["ends the connection over the new topics", "closed"],
  ["grants no subscription there", "subscription-refused"],
])("A broker that %s is no broker: the old profile is back", (what, reason) => {
  const rig = new Rig();
  const { virtual } = rig;
  const { faults } = virtual.broker;
  virtual.run(2 * MINUTE_MS);
  const isNew = (topic: string): boolean => topic.startsWith("dt/");
  if (what.startsWith("ends")) faults.closesOver = isNew;
  else if (what.startsWith("grants")) faults.grantsNot = isNew;
  if (what.startsWith("says")) faults.mute = "connack";
  rig.desire(PROFILE);
  virtual.run(TRIAL_MS - 5_000);
  expect(rig.retained("config/reported", PREFIX)?.state ?? "trying-broker").toBe("trying-broker");
  virtual.run(10_000);
  delete faults.mute;
  if (virtual.sight !== "solid blue") rig.online();
  virtual.run(10_000);
  expect(rig.retained("config/reported")).toMatchObject({ state: "rolled-back", reason });
  rig.expectNothingLost();
});

test("Power cuts in the middle of a trial, every few seconds: the end is the one profile or the other", async () => {
  for (const cutMs of [0, 40, 80, 300, 2_050, 2_100, 2_500, 4_000]) {
    const rig = new Rig();
    const { virtual } = rig;
    virtual.run(MINUTE_MS);
    rig.desire(PROFILE);
    virtual.run(cutMs);
    await rig.restart();
    rig.online();
    virtual.run(30_000);
    // Not acknowledged, the configuration comes again.
    expect(rig.retained("config/reported", PREFIX), `cut after ${cutMs} ms\n${rig.log}`).toMatchObject({
      state: "applied",
      settings: { topicPrefix: PROFILE.topicPrefix, clientId: PROFILE.clientId, brokerPassword: true },
    });
    rig.expectNothingLost();
  }
});

test("On the setup page a person leads the device to another account; the trial begins with the next network", async () => {
  const virtual = new VirtualWorld({ ...built, seed: 1, networks: [] });
  virtual.broker.faults.credentials = ACCOUNT;
  virtual.world.powerOn();
  expect(virtual.time.runUntil(() => virtual.world.phone.accessPoint !== undefined, MINUTE_MS)).toBe(true);
  virtual.run(50);
  expect(get(virtual, "/?choose")?.body).toContain('<a class="button" href="/broker">');
  expect(get(virtual, "/broker")?.body).toContain('name="topicPrefix" value="aerolink/v1/{id}"');
  const refused = post(virtual, "/broker", { ...PROFILE, brokerPort: "x" });
  expect(refused?.body).toContain("Port: not a whole number.");
  expect(post(virtual, "/broker", PROFILE)?.head).toContain("Location: /broker");
  expect(get(virtual, "/broker")?.body).toContain("These values are on trial.");
  // Nobody is in a hurry: without a network no broker can be reached.
  for (let i = 0; i < 12; i++) {
    virtual.run(MINUTE_MS);
    get(virtual, "/broker");
  }
  expect(get(virtual, "/broker")?.body).toContain("These values are on trial.");
  join(virtual, "Home", "correct horse");
  expect(
    virtual.runUntilSight("solid blue", 2 * MINUTE_MS),
    virtual.trace.slice(-40).join("\n"),
  ).toBeDefined();
  virtual.run(5_000);
  const report = virtual.broker.retained.get(`${PREFIX}/config/reported`);
  expect(JSON.parse(new TextDecoder().decode(report))).toMatchObject({
    version: null,
    state: "applied",
    settings: { topicPrefix: PROFILE.topicPrefix, brokerPassword: true },
  });
  expect(virtual.trace.join("\n")).not.toContain(ACCOUNT.password);
});

test("The factory's broker, with its password, is in the identity", async () => {
  const { identity } = built;
  const sound = parseIdentity(identity) as Identity;
  const factory = { brokerUser: ACCOUNT.user, brokerPassword: ACCOUNT.password, topicPrefix: "dt/{id}/air" };
  const image = formatIdentity({ ...sound, broker: factory });
  const virtual = new VirtualWorld({ ...built, identity: image, seed: 1 });
  virtual.broker.faults.credentials = ACCOUNT;
  virtual.world.powerOn();
  expect(
    virtual.runUntilSight("solid blue", 2 * MINUTE_MS),
    virtual.trace.slice(-40).join("\n"),
  ).toBeDefined();
  virtual.run(2_000);
  expect([...virtual.broker.retained.keys()]).toContain(`${PREFIX}/status`);
  expect(virtual.trace.join("\n")).not.toContain(ACCOUNT.password);
});
