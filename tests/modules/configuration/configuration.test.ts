import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SETTING_KEYS, SETTINGS } from "../../../modules/configuration/settings-table";
import { fuzz } from "../../support/volume";
import { Rig } from "./rig";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

const GOOD: Record<string, unknown[]> = {
  brokerHost: ["new.example"],
  brokerPort: [1, 65_535],
  mqttVersion: [4, 5],
  brokerAlpn: ["mqtt", "x-amzn-mqtt-ca", ""],
  brokerUser: ["", "Jörg + {id}", "u".repeat(128)],
  topicPrefix: ["a", "dt/{id}", "aerolink/v1/{id}", "t{id}t/{id}"],
  clientId: ["{id}", "site 7".replace(" ", "-"), "a{id}b"],
  keepAliveSeconds: [10, 1_200],
  homeAssistant: [true, false],
  sntpServers: [["time.example"], ["a.example", "b.example", "10.0.0.1"]],
  samplingSeconds: [1, 3_600],
  readingsPerBatch: [1, 60],
  publishSeconds: [1, 86_400],
  compression: ["zlib", "zlib-dictionary"],
  temperatureOffset: [-1_000, 1_000],
  humidityOffset: [-2_000, 2_000],
  co2Offset: [-500, 500],
  altitude: [0, 3_000],
  co2SelfCalibration: [true, false],
  pmCorrection: ["none", "epa-2021"],
  ledBrightness: [1, 100],
  logLevel: ["error", "debug"],
  updates: ["manual", "off"],
  updateHost: ["images.example", "10.0.0.1"],
};

const BAD: Record<string, [unknown, string][]> = {
  brokerHost: [
    ["", "out-of-range"],
    ["a b", "malformed"],
    ["http://x", "malformed"],
    [null, "wrong-type"],
  ],
  brokerPort: [
    [0, "out-of-range"],
    [65_536, "out-of-range"],
    ["8883", "wrong-type"],
  ],
  mqttVersion: [[3, "out-of-range"]],
  brokerAlpn: [
    ["a b", "malformed"],
    ["é", "malformed"],
    ["a".repeat(65), "too-long"],
  ],
  brokerUser: [
    ["a\nb", "malformed"],
    ["\u0000", "malformed"],
    ["ü".repeat(65), "too-long"],
  ],
  brokerPassword: [
    [false, "wrong-type"],
    ["a\tb", "malformed"],
    ["p".repeat(257), "too-long"],
  ],
  topicPrefix: [
    ["", "malformed"],
    ["/a", "malformed"],
    ["a/", "malformed"],
    ["a//b", "malformed"],
    ["a/+/b", "malformed"],
    ["a/#", "malformed"],
    ["$aws/things/{id}", "malformed"],
    ["a$b", "malformed"],
    ["a b", "malformed"],
    ["{name}", "malformed"],
    ["{id", "malformed"],
    ["a".repeat(129), "too-long"],
  ],
  clientId: [
    ["", "malformed"],
    ["a b", "malformed"],
    ["{ID}", "malformed"],
    ["c".repeat(129), "too-long"],
  ],
  keepAliveSeconds: [[9, "out-of-range"]],
  homeAssistant: [[1, "wrong-type"]],
  sntpServers: [
    [[], "out-of-range"],
    [["a", "b", "c", "d"], "out-of-range"],
    [[7], "wrong-type"],
    [["-"], "malformed"],
  ],
  samplingSeconds: [
    [0, "out-of-range"],
    [1.5, "wrong-type"],
    ["60", "wrong-type"],
  ],
  readingsPerBatch: [[61, "out-of-range"]],
  publishSeconds: [[86_401, "out-of-range"]],
  compression: [["zlib-dictionary2", "out-of-range"]],
  temperatureOffset: [
    [1_001, "out-of-range"],
    [0.5, "wrong-type"],
  ],
  humidityOffset: [[-2_001, "out-of-range"]],
  co2Offset: [[501, "out-of-range"]],
  altitude: [[3_001, "out-of-range"]],
  co2SelfCalibration: [[1, "wrong-type"]],
  pmCorrection: [["epa", "out-of-range"]],
  ledBrightness: [[0, "out-of-range"]],
  logLevel: [
    ["loud", "out-of-range"],
    [2, "wrong-type"],
  ],
  updates: [["sometimes", "out-of-range"]],
  updateHost: [["a b", "malformed"]],
};

test("Every key of the cloud's is in these tables", () => {
  const keys = SETTING_KEYS.filter((key) => SETTINGS[key].access === "cloud").sort();
  // What is never reported has its own tests (broker-trial.test.ts).
  expect([...Object.keys(GOOD), "brokerPassword"].sort()).toEqual(keys);
  expect(Object.keys(BAD).sort()).toEqual(keys);
});

test.each(Object.entries(GOOD).flatMap(([key, values]) => values.map((value) => [key, value])))(
  "%s = %j is applied, stored and reported",
  (key, value) => {
    const rig = new Rig();
    const report = rig.desire({ [key as string]: value }, 7);
    expect(report.version).toBe(7);
    expect(report.errors).toBeUndefined();
    expect(report.settings[key as string]).toEqual(value);
    rig.powerOn();
    expect(rig.report()).toMatchObject({ version: 7, settings: { [key as string]: value } });
  },
);

test.each(
  Object.entries(BAD).flatMap(([key, cases]) => cases.map(([value, error]) => [key, value, error] as const)),
)("%s = %j is refused as %s, and everything beside it", (key, value, error) => {
  const rig = new Rig();
  const before = rig.report().settings;
  const other = key === "ledBrightness" ? { readingsPerBatch: 9 } : { ledBrightness: 9 };
  const report = rig.desire({ ...other, [key]: value });
  expect(report).toMatchObject({ state: "refused", errors: { [key]: error }, settings: before });
  expect(rig.store.written).toEqual([]);
});

test.each([
  ["unknown-key", '{"version":1,"settings":{"__proto__":1}}', "__proto__"],
  ["unknown-key", '{"version":1,"settings":{"toString":1}}', "toString"],
  ["unknown-key", '{"version":1,"settings":{"samplingseconds":1}}', "samplingseconds"],
  ["not-allowed", '{"version":1,"settings":{"networks":"[]"}}', "networks"],
  ["not-allowed", '{"version":1,"settings":{"bootCount":1}}', "bootCount"],
  ["not-allowed", '{"version":1,"settings":{"brokerTrial":""}}', "brokerTrial"],
])("%s: %s", (error, text, key) => {
  const report = new Rig().send(text);
  expect(report.state).toBe("refused");
  expect(Object.entries(report.errors!)).toEqual([[key, error]]);
});

test("No secret is reported", () => {
  expect(new Rig().report().settings).not.toHaveProperty("networks");
});

test.each([
  ["not-json", "{"],
  ["not-an-object", "[]"],
  ["too-long", " ".repeat(2_049)],
  ["too-complex", "[".repeat(500)],
  ["too-complex", `{"version":1,"settings":{"sntpServers":[${"0,".repeat(100)}0]}}`],
  ["bad-version", '{"settings":{}}'],
  ["bad-version", '{"version":-1,"settings":{}}'],
  ["bad-version", '{"version":"1","settings":{}}'],
  ["bad-settings", '{"version":1}'],
  ["bad-settings", '{"version":1,"settings":[]}'],
  ["unknown-member", '{"version":1,"settings":{},"v":1}'],
])("%s: %s", (fault, text) => {
  const rig = new Rig();
  expect(rig.send(text)).toMatchObject({ state: "refused", fault });
  expect(rig.store.written).toEqual([]);
});

test("An empty message desires nothing and says nothing", () => {
  const rig = new Rig();
  rig.configuration.take(new Uint8Array());
  expect(rig.reports).toEqual([]);
});

test("The same again writes nothing", () => {
  const rig = new Rig();
  rig.desire({ ledBrightness: 50 });
  const written = rig.store.written.length;
  expect(rig.desire({ ledBrightness: 50 })).toMatchObject({ state: "applied" });
  expect(rig.store.written).toHaveLength(written);
});

test("An older version is refused and said, and changes nothing, also after a restart", () => {
  const rig = new Rig();
  expect(rig.report()).toMatchObject({ version: null, newest: null });
  rig.desire({ ledBrightness: 50 }, 9);
  for (const version of [3, 8, 0]) {
    const written = rig.store.written.length;
    expect(rig.desire({ ledBrightness: 60, brokerHost: "new.example" }, version)).toMatchObject({
      version,
      newest: 9,
      state: "refused",
      fault: "older-version",
      settings: { ledBrightness: 50, brokerHost: "old.example" },
    });
    expect(rig.store.written).toHaveLength(written);
    rig.powerOn();
    expect(rig.report()).toMatchObject({ version: 9, newest: 9, state: "applied" });
  }
  expect(rig.desire({ ledBrightness: 60 }, 10)).toMatchObject({ newest: 10, state: "applied" });
});

test("The same version again changes nothing, whatever it says now, and what it came to is reported", () => {
  const rig = new Rig();
  rig.desire({ ledBrightness: 50 }, 9);
  rig.desire({ ledBrightness: 60 }, 3);
  expect(rig.desire({ ledBrightness: 60 }, 9)).toEqual({
    version: 9,
    newest: 9,
    state: "applied",
    settings: expect.objectContaining({ ledBrightness: 50 }),
  });
});

test("A version that was refused is not the newest: it may come again, mended", () => {
  const rig = new Rig();
  rig.desire({ ledBrightness: 50 }, 7);
  expect(rig.desire({ ledBrightness: 0 }, 8)).toMatchObject({ version: 8, newest: 7, state: "refused" });
  expect(rig.desire({ ledBrightness: 40 }, 8)).toMatchObject({ version: 8, newest: 8, state: "applied" });
});

test("No version is the last: after the largest of all the count begins anew", () => {
  const rig = new Rig();
  expect(rig.desire({}, 0)).toMatchObject({ newest: 0, state: "applied" });
  expect(rig.desire({}, 0x7fff_ffff)).toMatchObject({ state: "applied" });
  expect(rig.desire({}, 0xffff_ffff)).toMatchObject({ fault: "older-version" });
  expect(rig.desire({}, 0xffff_fffe)).toMatchObject({ state: "applied" });
  expect(rig.desire({}, 0xffff_ffff)).toMatchObject({ state: "applied" });
  expect(rig.desire({}, 1)).toMatchObject({ newest: 1, state: "applied" });
});

test("A power cut before any write of a version: it comes again, and everything of it holds", () => {
  const wanted = { ledBrightness: 30, readingsPerBatch: 9, brokerHost: "new.example" };
  let writes = 4;
  for (let cut = 0; cut < writes; cut++) {
    const rig = new Rig();
    const write = rig.store.write.bind(rig.store);
    const atEach: Map<string, unknown>[] = [];
    rig.store.write = (key, value) => {
      atEach.push(new Map(rig.store.values));
      write(key, value);
    };
    rig.desire(wanted, 7);
    writes = atEach.length;
    rig.store.values.clear();
    for (const [key, value] of atEach[cut]!) rig.store.values.set(key, value);
    rig.powerOn();
    const report = rig.desire(wanted, 7);
    expect(report, `cut at ${cut}`).toMatchObject({ newest: 7, state: "trying-broker", settings: wanted });
  }
  expect(writes).toBe(4);
});

test("Flash that refuses the version takes back its broker's trial too", () => {
  const rig = new Rig();
  rig.store.broken.add("configVersion");
  expect(rig.desire({ brokerHost: "new.example", ledBrightness: 30 }, 7)).toMatchObject({
    newest: null,
    state: "refused",
    errors: { version: "storage" },
    settings: { brokerHost: "old.example", ledBrightness: 100 },
  });
  rig.powerOn();
  expect(rig.broker.trying).toBe(false);
});

test.each([
  ["example.com", true],
  ["mqtt.eu.Example.COM", true],
  ["badexample.com", false],
  ["example.com.evil.net", false],
  ["com", false],
  ["10.0.0.1", false],
])("Where brokers must lie in example.com, %s is one: %s", (brokerHost, good) => {
  const report = new Rig("Example.com").desire({ brokerHost, ledBrightness: 30 }, 7);
  if (good) expect(report).toMatchObject({ state: "trying-broker" });
  else {
    expect(report).toMatchObject({ state: "refused", errors: { brokerHost: "outside-domain" } });
    expect(report.settings).toMatchObject({ brokerHost: "old.example", ledBrightness: 100 });
  }
});

test("A broker outside the domain that is the broker already goes on, and may get another port", () => {
  const rig = new Rig("example.com");
  expect(rig.desire({ brokerPort: 443 }, 1)).toMatchObject({
    state: "trying-broker",
    settings: { brokerHost: "old.example" },
  });
});

test("Flash that refuses one key takes back the others", () => {
  const rig = new Rig();
  rig.store.broken.add("perBatch");
  expect(rig.desire({ ledBrightness: 50, readingsPerBatch: 9 })).toMatchObject({
    state: "refused",
    errors: { readingsPerBatch: "storage" },
    settings: { ledBrightness: 100, readingsPerBatch: 5 },
  });
});

test("Any bytes, and any JSON, are reported on, and settings stay in range", () => {
  const rig = new Rig();
  const value = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.array(fc.domain()));
  const settings = fc.dictionary(fc.oneof(fc.constantFrom(...SETTING_KEYS), fc.string()), value, {
    maxKeys: 4,
  });
  const message = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc
      .oneof(
        fc.json(),
        fc.record({ version: fc.nat(), settings }).map((all) => JSON.stringify(all)),
      )
      .map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(message, (bytes) => {
      const before = rig.reports.length;
      rig.configuration.take(bytes);
      expect(rig.reports).toHaveLength(before + 1);
      rig.reports.length = 0;
      for (const key of SETTING_KEYS) expect(rig.settings.check(key, rig.settings.get(key))).toBeUndefined();
    }),
    fuzz(),
  );
});
