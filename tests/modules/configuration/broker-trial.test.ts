import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BROKER_KEYS, type BrokerProfile } from "../../../modules/configuration/broker-profile";
import { TRIAL_MS } from "../../../modules/configuration/broker-trial";
import { fuzz } from "../../support/volume";
import { Rig } from "./rig";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

const OLD: BrokerProfile = {
  brokerHost: "old.example",
  brokerPort: 8_883,
  mqttVersion: 4,
  brokerAlpn: "",
  brokerUser: "",
  brokerPassword: "",
  topicPrefix: "aerolink/v1/{id}",
  clientId: "{id}",
};
const NEW: BrokerProfile = {
  brokerHost: "new.example",
  brokerPort: 443,
  mqttVersion: 5,
  brokerAlpn: "x-amzn-mqtt-ca",
  brokerUser: "we",
  brokerPassword: "s3cret",
  topicPrefix: "dt/{id}",
  clientId: "air-{id}",
};

test("A new broker is tried, and is the broker once it was reached", () => {
  const rig = new Rig();
  expect(rig.desire({ brokerHost: "new.example", brokerPort: 443 }, 7)).toMatchObject({
    state: "trying-broker",
    settings: { brokerHost: "new.example", brokerPort: 443 },
  });
  expect(rig.switches).toBe(1);
  vi.advanceTimersByTime(TRIAL_MS - 1);
  rig.broker.reached(rig.broker.profile);
  expect(rig.report()).toMatchObject({ version: 7, state: "applied" });
  vi.advanceTimersByTime(2 * TRIAL_MS);
  expect(rig.switches).toBe(1);
  rig.powerOn();
  expect([rig.broker.profile.brokerHost, rig.broker.profile.brokerPort, rig.broker.trying]).toEqual([
    "new.example",
    443,
    false,
  ]);
});

test("A new broker that is not reached in five minutes gives way to the old one, also after a power cut", () => {
  const rig = new Rig();
  rig.desire({ brokerHost: "new.example", ledBrightness: 30 }, 7);
  vi.advanceTimersByTime(TRIAL_MS / 2);
  rig.powerOn();
  expect(rig.broker.profile.brokerHost).toBe("new.example");
  vi.advanceTimersByTime(TRIAL_MS - 1);
  expect(rig.broker.profile.brokerHost).toBe("new.example");
  vi.advanceTimersByTime(1);
  const rolledBack = {
    version: 7,
    state: "rolled-back",
    errors: { brokerHost: "unreachable" },
    settings: { brokerHost: "old.example", ledBrightness: 30 },
  };
  expect(rig.report()).toMatchObject(rolledBack);
  expect(rig.switches).toBe(2);
  rig.powerOn();
  expect(rig.report()).toMatchObject(rolledBack);
});

test("A version that failed with its broker is not tried again; a later one is", () => {
  const rig = new Rig();
  rig.desire({ brokerHost: "new.example" }, 7);
  vi.advanceTimersByTime(TRIAL_MS);
  rig.powerOn();
  rig.switches = 0;
  expect(rig.desire({ brokerHost: "new.example" }, 7)).toMatchObject({ state: "rolled-back" });
  expect(rig.switches).toBe(0);
  expect(rig.desire({ brokerHost: "new.example" }, 8)).toMatchObject({ state: "trying-broker" });
  expect(rig.switches).toBe(1);
});

test("A later version that keeps the old broker settles the matter", () => {
  const rig = new Rig();
  rig.desire({ brokerHost: "new.example" }, 7);
  vi.advanceTimersByTime(TRIAL_MS);
  expect(rig.desire({ brokerHost: "old.example" }, 8)).toMatchObject({ version: 8, state: "applied" });
  rig.powerOn();
  expect(rig.report()).toMatchObject({ version: 8, state: "applied" });
});

test("An older version between a trial and its end does not get into the report of that end", () => {
  const rig = new Rig();
  rig.desire({ brokerHost: "new.example" }, 7);
  rig.desire({ ledBrightness: 9 }, 2);
  rig.broker.reached(rig.broker.profile);
  expect(rig.reports.at(-1)).toMatchObject({ version: 7, state: "applied" });
  expect(rig.reports.at(-1)).not.toHaveProperty("fault");
});

test.each(BROKER_KEYS)("A change of %s alone is a trial, and comes back when it fails", (key) => {
  const rig = new Rig();
  expect(rig.desire({ [key]: NEW[key] }, 7)).toMatchObject({ state: "trying-broker" });
  expect(rig.broker.profile).toEqual({ ...OLD, [key]: NEW[key] });
  expect(rig.switches).toBe(1);
  rig.broker.attemptFailed("refused-not-authorised");
  vi.advanceTimersByTime(TRIAL_MS);
  expect(rig.broker.profile).toEqual(OLD);
  const failed = { state: "rolled-back", errors: { [key]: "unreachable" }, reason: "refused-not-authorised" };
  expect(rig.report()).toMatchObject(failed);
  rig.powerOn();
  expect(rig.broker.profile).toEqual(OLD);
  expect(rig.report()).toMatchObject(failed);
});

test("What the old broker acknowledges until the device leaves it proves nothing of the new one", () => {
  const rig = new Rig();
  const { profile } = rig.broker;
  rig.desire({ brokerHost: "new.example" }, 7);
  rig.broker.reached(profile);
  expect(rig.broker.trying).toBe(true);
  rig.broker.reached(rig.broker.profile);
  expect(rig.broker.trying).toBe(false);
});

test("The same profile again is no trial", () => {
  const rig = new Rig();
  expect(rig.desire(OLD, 7)).toMatchObject({ state: "applied" });
  expect(rig.switches).toBe(0);
});

test("A profile is kept or rolled back as a whole, whichever write the power is cut at", () => {
  for (const end of ["reached", "failed"] as const) {
    let writes = 1;
    for (let cut = 0; cut <= writes; cut++) {
      const rig = new Rig();
      const states: Map<string, unknown>[] = [];
      const write = rig.store.write.bind(rig.store);
      rig.store.write = (key, value) => {
        states.push(new Map(rig.store.values));
        write(key, value);
      };
      rig.desire(NEW, 7);
      if (end === "reached") rig.broker.reached(rig.broker.profile);
      else vi.advanceTimersByTime(TRIAL_MS);
      writes = states.length;
      const left = states[cut] ?? new Map(rig.store.values);
      rig.store.values.clear();
      for (const [key, value] of left) rig.store.values.set(key, value);
      rig.powerOn();
      const { profile, trying } = rig.broker;
      const where = `${end}, cut at write ${cut} of ${writes}`;
      expect([OLD, NEW], where).toContainEqual(profile);
      // Whatever was cut, the end of the trial that goes on is one of the two.
      if (trying) vi.advanceTimersByTime(TRIAL_MS);
      expect(rig.broker.profile, where).toEqual(trying ? OLD : profile);
      rig.powerOn();
      expect(rig.broker.profile, where).toEqual(trying ? OLD : profile);
    }
    // Trial and version; then what was reached goes over key by key, and what failed in one.
    expect(writes).toBe(end === "reached" ? 12 : 3);
  }
});

test("Flash that refuses a part of what was reached keeps the whole on the trial's side until it does not", () => {
  const rig = new Rig();
  rig.desire(NEW, 7);
  rig.store.broken.add("clientId");
  rig.broker.reached(rig.broker.profile);
  expect(rig.broker.profile).toEqual(NEW);
  rig.powerOn();
  expect(rig.broker.profile).toEqual(NEW);
  rig.store.broken.clear();
  rig.powerOn();
  expect(rig.broker.profile).toEqual(NEW);
  expect(rig.store.values.get("brokerTrial")).toBe("");
});

test("A password belongs to its host", () => {
  const rig = new Rig();
  rig.desire({ brokerUser: "we", brokerPassword: "first" }, 1);
  rig.broker.reached(rig.broker.profile);
  rig.desire({ brokerPort: 443 }, 2);
  expect(rig.broker.profile.brokerPassword).toBe("first");
  rig.broker.reached(rig.broker.profile);
  rig.desire({ brokerHost: "new.example" }, 3);
  expect(rig.broker.profile).toMatchObject({ brokerUser: "we", brokerPassword: "" });
  // Back on the way: the old host's is still there.
  rig.desire({ brokerHost: "old.example" }, 4);
  expect(rig.broker.profile.brokerPassword).toBe("first");
  rig.broker.reached(rig.broker.profile);
  rig.desire({ brokerHost: "new.example", brokerPassword: "second" }, 5);
  rig.broker.reached(rig.broker.profile);
  rig.desire({ brokerHost: "old.example" }, 6);
  rig.broker.reached(rig.broker.profile);
  expect(rig.broker.profile.brokerPassword).toBe("");
  expect([...rig.store.values.values()].join()).not.toMatch(/first|second/);
});

test("A password is neither reported nor logged, only that there is one", () => {
  const rig = new Rig();
  expect(rig.report().settings.brokerPassword).toBe(false);
  rig.desire({ brokerUser: "we", brokerPassword: "s3cret" }, 1);
  expect(rig.report().settings).toMatchObject({ brokerUser: "we", brokerPassword: true });
  rig.broker.reached(rig.broker.profile);
  rig.desire({ brokerHost: "new.example", brokerPassword: "s3cret-2" }, 2);
  vi.advanceTimersByTime(TRIAL_MS);
  expect(JSON.stringify(rig.reports)).not.toContain("s3cret");
  expect(rig.logged.join("\n")).toContain("brokerPassword changed");
  expect(rig.logged.join("\n")).not.toContain("s3cret");
});

test("The time of a trial runs from the first way to the broker on", () => {
  const rig = new Rig();
  rig.desire({ brokerHost: "new.example" }, 7);
  rig.powerOn();
  rig.broker.close();
  vi.advanceTimersByTime(10 * TRIAL_MS);
  expect(rig.broker.trying).toBe(true);
  rig.broker.watch();
  vi.advanceTimersByTime(TRIAL_MS / 2);
  rig.broker.watch();
  vi.advanceTimersByTime(TRIAL_MS / 2);
  expect(rig.broker.failed).toBe(true);
});

test.each([
  "trying 7 8883 new.example",
  "{",
  "[]",
  JSON.stringify({ ...NEW, state: "beginning", version: 7 }),
  JSON.stringify({ ...NEW, state: "trying", version: 7.5 }),
  JSON.stringify({ ...NEW, state: "trying", version: 7, brokerPort: 0 }),
  JSON.stringify({ ...NEW, state: "trying", version: 7, brokerHost: "http://new" }),
  JSON.stringify({ ...NEW, state: "trying", version: 7, topicPrefix: "#" }),
  JSON.stringify({ ...NEW, state: "trying", version: 7, clientId: undefined }),
  `{"a":${"[".repeat(2_000)}`,
])("A damaged trial in flash is none: %s", (text) => {
  const rig = new Rig();
  rig.store.values.set("brokerTrial", text);
  rig.powerOn();
  expect(rig.broker.profile).toEqual(OLD);
  expect(rig.broker.trying).toBe(false);
});

test("Any text in the trial's place is a whole profile in range or none", () => {
  const rig = new Rig();
  const value = fc.oneof(fc.integer(), fc.string(), fc.constant(undefined), fc.domain());
  const odd = fc.record(
    Object.fromEntries(BROKER_KEYS.map((key) => [key, fc.oneof(fc.constant(NEW[key]), value)])),
  );
  const state = fc.constantFrom("trying", "kept", "failed", "x");
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .tuple(odd, state, fc.oneof(fc.nat(), value))
      .map(([profile, state, version]) => JSON.stringify({ ...profile, state, version })),
  );
  fc.assert(
    fc.property(text, (stored) => {
      rig.store.values.clear();
      rig.store.values.set("brokerTrial", stored);
      rig.powerOn();
      for (const key of BROKER_KEYS) {
        const { profile } = rig.broker;
        expect(rig.settings.check(key, profile[key])).toBeUndefined();
      }
    }),
    fuzz(),
  );
});
