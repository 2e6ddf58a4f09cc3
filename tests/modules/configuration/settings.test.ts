import KeyValueStorage from "embedded:storage/key-value";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Logger } from "../../../modules/base/logger";
import { silentLogger } from "../../../modules/base/logger";
import { Settings } from "../../../modules/configuration/settings";
import { checkSetting, type SettingValue } from "../../../modules/configuration/settings-codec";
import {
  SETTING_KEYS,
  SETTINGS,
  type SettingKey,
  type SettingSpec,
} from "../../../modules/configuration/settings-table";
import { RESET_MARK } from "../../../modules/device/factory-reset";
import { installMachine, type Machine } from "../../../sim/sdk/machine";
import { MemoryStore } from "../../support/memory-store";
import { fuzz } from "../../support/volume";

const boot = (store: MemoryStore, options: Partial<ConstructorParameters<typeof Settings>[0]> = {}) =>
  new Settings({ log: silentLogger, store, ...options });

describe("the settings table", () => {
  it.each(SETTING_KEYS)("has a default in range and an NVS key for %s", (key) => {
    const spec: SettingSpec = SETTINGS[key];
    expect(spec.key.length).toBeLessThanOrEqual(15);
    expect(checkSetting(spec, spec.default)).toEqual({ value: spec.default });
  });

  it("has no NVS key twice", () => {
    expect(new Set(SETTING_KEYS.map((key) => SETTINGS[key].key)).size).toBe(SETTING_KEYS.length);
  });
});

describe("Settings", () => {
  afterEach(() => installMachine(undefined));

  it("answers with defaults on an empty device, and writes nothing", () => {
    const store = new MemoryStore();
    const settings = boot(store);
    expect(settings.get("brokerPort")).toBe(8_883);
    expect(settings.get("sntpServers")).toHaveLength(3);
    expect(settings.get("homeAssistant")).toBe(false);
    expect(settings.faults).toEqual([]);
    expect(store.written).toEqual([]);
  });

  it("keeps every kind of value across a boot", () => {
    const store = new MemoryStore();
    const settings = boot(store);
    const values = {
      brokerHost: "broker.example.net",
      samplingSeconds: 10,
      homeAssistant: true,
      logLevel: "debug",
      sntpServers: ["time.example.net", "192.0.2.1"],
      networks: '[{"ssid":"Zoë"}]',
    } as const;
    for (const [key, value] of Object.entries(values)) {
      expect(settings.set(key, value)).toEqual({ ok: true, changed: true });
    }
    const again = boot(store);
    expect(again.faults).toEqual([]);
    for (const [key, value] of Object.entries(values)) expect(again.get(key as SettingKey)).toEqual(value);
  });

  it("works on the SDK's storage", () => {
    const values = new Map();
    installMachine({ storage: { keyValue: () => values } } as unknown as Machine);
    const store = KeyValueStorage.open({ path: "settings", format: "string" });
    new Settings({ log: silentLogger, store }).set("networks", "x".repeat(3_999));
    expect(new Settings({ log: silentLogger, store }).get("networks")).toHaveLength(3_999);
    values.set("brokerPort", 8_883); // as an integer, not as text
    expect(new Settings({ log: silentLogger, store }).faults).toEqual([
      { key: "brokerPort", reason: "unreadable" },
    ]);
  });

  it.each([
    ["brokerPort", 0, "out-of-range"],
    ["brokerPort", 65_536, "out-of-range"],
    ["brokerPort", "8883", "wrong-type"],
    ["brokerPort", 1.5, "wrong-type"],
    ["brokerPort", NaN, "wrong-type"],
    ["mqttVersion", 3, "out-of-range"],
    ["homeAssistant", 1, "wrong-type"],
    ["logLevel", "loud", "out-of-range"],
    ["logLevel", 1, "wrong-type"],
    ["brokerHost", "mqtts://broker", "malformed"],
    ["brokerHost", "a".repeat(64), "malformed"],
    ["brokerHost", "1.2.3.256", "malformed"],
    ["brokerHost", "-a.example", "malformed"],
    ["brokerHost", null, "wrong-type"],
    ["sntpServers", [], "out-of-range"],
    ["sntpServers", "", "malformed"],
    ["sntpServers", "a,b,c,d", "out-of-range"],
    ["sntpServers", ["a", 1], "wrong-type"],
    ["sntpServers", {}, "wrong-type"],
    ["networks", "x".repeat(4_000), "too-long"],
    ["networks", "é".repeat(2_000), "too-long"],
    ["networks", "\ud800", "malformed"],
    ["networks", `\ud800${"x".repeat(4_000)}`, "too-long"],
    ["networks", "a\0b", "malformed"],
    ["ledBrightness", 0, "out-of-range"],
    ["toString", 1, "unknown-key"],
    ["__proto__", 1, "unknown-key"],
  ])("refuses %s = %j as %s and changes nothing", (key, value, reason) => {
    const store = new MemoryStore();
    const settings = boot(store);
    expect(settings.check(key, value)).toBe(reason);
    expect(settings.set(key, value)).toEqual({ ok: false, reason });
    expect(store.written).toEqual([]);
    expect(SETTING_KEYS.map((each) => settings.get(each))).toEqual(
      SETTING_KEYS.map((each) => SETTINGS[each].default),
    );
  });

  it("takes minus zero for zero, which is written and compared as such", () => {
    const settings = boot(new MemoryStore());
    expect(settings.set("temperatureOffset", -0)).toEqual({ ok: true, changed: false });
    expect(settings.set("temperatureOffset", 5)).toMatchObject({ ok: true });
    expect(settings.set("temperatureOffset", -0)).toEqual({ ok: true, changed: true });
    expect(settings.get("temperatureOffset")).toBe(0);
  });

  it("takes server names with commas as well as a list", () => {
    const settings = boot(new MemoryStore());
    expect(settings.set("sntpServers", "a.example, b.example")).toEqual({ ok: true, changed: true });
    expect(settings.get("sntpServers")).toEqual(["a.example", "b.example"]);
  });

  it("spares the flash: a value that is already there is not written", () => {
    const store = new MemoryStore();
    const settings = boot(store);
    settings.set("brokerPort", 8_883);
    settings.set("samplingSeconds", 10);
    expect(settings.set("samplingSeconds", 10)).toEqual({ ok: true, changed: false });
    settings.set("sntpServers", [...settings.get("sntpServers")]);
    expect(store.written).toEqual(["sampling"]);
  });

  it.each([
    ["sampling", "99999", "out-of-range"],
    ["sampling", "ten", "malformed"],
    ["sampling", "010", "malformed"],
    ["sampling", "", "malformed"],
    ["sampling", 10, "wrong-type"],
    ["homeAssistant", "true", "malformed"],
    ["logLevel", "loud", "out-of-range"],
    ["sntpServers", "a,,b", "malformed"],
    ["networks", "not JSON", "malformed"],
  ])("uses the default for the stored %s = %j, reported as %s", (nvsKey, stored, reason) => {
    const store = new MemoryStore();
    store.values.set(nvsKey, stored);
    const settings = boot(store, { checks: { networks: (text) => text.startsWith("[") } });
    const key = SETTING_KEYS.find((each) => SETTINGS[each].key === nvsKey)!;
    expect(settings.faults).toEqual([{ key, reason }]);
    expect(settings.get(key)).toEqual(SETTINGS[key].default);
  });

  it("replaces a faulty stored value even by the default, and the fault is gone", () => {
    const store = new MemoryStore();
    store.values.set("sampling", "junk");
    const settings = boot(store);
    expect(settings.set("samplingSeconds", 60)).toEqual({ ok: true, changed: false });
    expect(settings.faults).toEqual([]);
    expect(boot(store).faults).toEqual([]);
  });

  it("says so when the storage refuses a write, and keeps the old value", () => {
    const store = new MemoryStore();
    const seen = vi.fn();
    const settings = boot(store, { onChanged: seen });
    store.broken.add("sampling");
    expect(settings.set("samplingSeconds", 10)).toEqual({ ok: false, reason: "storage" });
    expect(settings.get("samplingSeconds")).toBe(60);
    expect(seen).not.toHaveBeenCalled();
  });

  it("tells of each new value once, when it holds already", () => {
    const seen: [SettingKey, SettingValue][] = [];
    const settings: Settings = boot(new MemoryStore(), {
      onChanged: (key) => seen.push([key, settings.get(key)]),
    });
    settings.set("ledBrightness", 10);
    settings.set("ledBrightness", 10);
    settings.set("samplingSeconds", 10);
    settings.set("ledBrightness", 100);
    expect(seen).toEqual([
      ["ledBrightness", 10],
      ["samplingSeconds", 10],
      ["ledBrightness", 100],
    ]);
  });

  it("leaves in a factory reset what docs/security.md says, and erases every other key", () => {
    const page = readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8");
    const kept = /What stays.*?\n\n(.*?)\n\n/s.exec(page)![1]!;
    const named = [...kept.matchAll(/^\| setting `(\w+)` \|/gm)].map(([, key]) => key as SettingKey);
    const survivors = SETTING_KEYS.filter((key) => (SETTINGS[key] as SettingSpec).survivesReset);
    expect(survivors).toEqual(named);
    expect(SETTING_KEYS.map((key) => SETTINGS[key].key)).not.toContain(RESET_MARK);
  });

  it("takes a build's defaults, and throws on bad ones", () => {
    const settings = boot(new MemoryStore(), { defaults: { brokerHost: "localhost", brokerPort: 1_883 } });
    expect([settings.get("brokerHost"), settings.get("brokerPort")]).toEqual(["localhost", 1_883]);
    expect(() => boot(new MemoryStore(), { defaults: { brokerPort: 0 } })).toThrow(RangeError);
  });

  it("logs changes, but no secret", () => {
    const lines: string[] = [];
    const write = (text: string) => lines.push(text);
    const log: Logger = { error: write, warn: write, info: write, debug: write };
    const store = new MemoryStore();
    const settings = boot(store, { log });
    settings.set("networks", "pass phrase");
    settings.set("logLevel", "debug");
    store.broken.add("networks");
    settings.set("networks", "other phrase");
    expect(lines.slice(0, 2)).toEqual(["networks changed", "logLevel = debug"]);
    expect(lines.join()).not.toContain("phrase");
  });

  it("is in range whatever was stored", () => {
    const nvsKeys = SETTING_KEYS.map((key) => SETTINGS[key].key);
    const stored = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.integer().map(String),
      fc.constantFrom("0", "1", "", "a,b", "error", "-0", "1e3", "Infinity"),
      fc.anything(),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...nvsKeys), stored),
        fc.subarray(nvsKeys, { maxLength: 3 }),
        (values, broken) => {
          const store = new MemoryStore();
          for (const [key, value] of Object.entries(values)) store.values.set(key, value);
          for (const key of broken) store.broken.add(key);
          const settings = boot(store);
          const outOfRange = SETTING_KEYS.filter((key) => {
            const value: SettingValue = settings.get(key);
            return "refusal" in checkSetting(SETTINGS[key], value);
          });
          expect(outOfRange).toEqual([]);
          expect(settings.faults.length).toBeGreaterThanOrEqual(broken.length);
        },
      ),
      fuzz(),
    );
  });

  it("never takes a value from outside that it would not read back the same", () => {
    const store = new MemoryStore();
    const settings = boot(store);
    const input = fc.oneof(
      fc.anything(),
      fc.string({ unit: "binary" }),
      fc.integer(),
      fc.array(fc.domain(), { maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...SETTING_KEYS), input, (key, value) => {
        if (settings.set(key, value).ok) expect(boot(store).get(key)).toEqual(settings.get(key));
        else expect(settings.check(key, value)).toBeDefined();
        expect(boot(store).faults).toEqual([]);
      }),
      fuzz(),
    );
  });
});
