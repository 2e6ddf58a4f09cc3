import { afterEach, describe, expect, it } from "vitest";
import { RESET_MARK } from "../../modules/device/factory-reset";
import { NorFlash } from "../../sim/device/nor-flash";
import { MemoryStorage } from "../../sim/device/storage";
import { installMachine, type Machine } from "../../sim/sdk/machine";
import { ButtonWires, LastResortWires, MonitorWires, SamplerWires, SettingsWires } from "../../wiring/device";
import type { Parts } from "../../wiring/parts";
import { recordedParts, recordedSettings } from "../support/recorded-parts";

it("The factory's broker and calibration go over the build's defaults, and without an identity the build's hold", () => {
  const build = { brokerHost: "of.the.build", brokerPort: 8883 };
  const factory = { broker: { brokerHost: "of.the.factory" }, calibration: { temperatureOffset: -150 } };
  const defaults = (identity: unknown) => new SettingsWires({ build, identity } as unknown as Parts).defaults;
  expect(defaults(factory)).toEqual({
    brokerHost: "of.the.factory",
    brokerPort: 8883,
    temperatureOffset: -150,
  });
  expect(defaults("missing")).toEqual(build);
});

describe("A setting that changed", () => {
  const changed = (key: Parameters<SettingsWires["onChanged"]>[0], value: unknown) => {
    const { parts, calls } = recordedParts({ settings: recordedSettings({ [key]: value }) });
    new SettingsWires(parts).onChanged(key);
    return calls;
  };

  it.each([
    ["logLevel", "debug", 'logs.level = "debug"'],
    ["ledBrightness", 30, "led.brightness = 30"],
    ["samplingSeconds", 10, "sampler.restart()"],
    ["altitude", 520, "sensors.configure()"],
    ["co2SelfCalibration", false, "sensors.configure()"],
  ] as const)("%s holds at once", (key, value, call) => {
    expect(changed(key, value)).toEqual([call, `cloud.settingChanged("${key}")`]);
  });

  it.each(["temperatureOffset", "humidityOffset", "co2Offset", "pmCorrection"] as const)(
    "%s is told by the status",
    (key) => {
      expect(changed(key, 10)).toEqual(["cloud.statusChanged()", `cloud.settingChanged("${key}")`]);
    },
  );

  it("leaves everything alone that only the cloud's side knows", () => {
    expect(changed("homeAssistant", true)).toEqual(['cloud.settingChanged("homeAssistant")']);
  });
});

describe("A reading", () => {
  const stamp = (quality: string) => {
    const clock = { uptimeMs: 61_999, unixMs: 1_800_000_000_900, quality };
    return new SamplerWires(recordedParts({ clock, boot: new Number(3) }).parts).stamp();
  };

  it("is dated by a synced clock", () => {
    expect(stamp("synced")).toMatchObject({ uptimeSeconds: 61, unixSeconds: 1_800_000_000 });
  });

  it.each(["none", "estimated"])("is dated by boot and uptime alone while the clock is %s", (quality) => {
    expect(stamp(quality)).not.toHaveProperty("unixSeconds");
  });

  it("that the flash refused is told as lost", () => {
    const { parts, calls } = recordedParts();
    new SamplerWires(parts).onJournalFault(new Error("worn"));
    expect(calls).toEqual(['log.error("reading lost, the journal refused it: Error: worn")']);
  });

  it("of a sensor that fails or works again is told to log and cloud", () => {
    const { parts, calls } = recordedParts();
    new SamplerWires(parts).onFault("crc");
    new SamplerWires(parts).onFault(undefined);
    expect(calls).toEqual([
      'log.warn("sensor: crc")',
      "cloud.statusChanged()",
      'log.warn("sensor works again")',
      "cloud.statusChanged()",
    ]);
  });
});

describe("The status machine", () => {
  it.each([
    [true, undefined, "cloud"],
    [false, { ssid: "Home" }, "address"],
    [false, undefined, "nothing"],
  ] as const)("hears how far station and link have come (cloud %s, address %j: %s)", (isUp, at, reached) => {
    const { parts } = recordedParts({ cloud: { isUp }, station: { at } });
    expect(new MonitorWires(parts).reached()).toBe(reached);
  });

  it.each([
    ["online", true],
    ["connecting", true],
    ["offline", false],
    [undefined, false],
  ] as const)("from %s starts setup mode without asking for the time any more", (from, wasConnected) => {
    const { parts, calls } = recordedParts();
    new MonitorWires(parts).setup.start(from);
    expect(calls).toEqual(["timeSync.stop()", `setup.start(${wasConnected})`]);
  });

  it("shows each status on the light first", () => {
    const { parts, calls } = recordedParts();
    new MonitorWires(parts).onStatus("joining");
    expect(calls).toEqual(['led.show("joining")', 'lastResort.statusChanged("joining")']);
  });
});

describe("The last resort", () => {
  it("leaves the network, and the status with it, before it joins anew", () => {
    const { parts, calls } = recordedParts();
    new LastResortWires(parts).rejoin();
    expect(calls).toEqual(["station.stop()", "timeSync.stop()", "monitor.networkLost()", "station.start()"]);
  });
});

describe("The button, let go", () => {
  afterEach(() => installMachine(undefined));

  it("after three seconds asks for setup mode", () => {
    const { parts, calls } = recordedParts();
    new ButtonWires(parts).onRelease("setup");
    expect(calls).toEqual(["led.acknowledge(undefined)", "monitor.setupRequested()"]);
  });

  it("after ten seconds lays down the mark of a factory reset and restarts, red until all is forgotten", () => {
    const storage = new MemoryStorage();
    storage.addFlash("journal", new NorFlash({ byteLength: 4_096 }));
    installMachine({ storage } as unknown as Machine);
    const { parts, calls } = recordedParts();
    new ButtonWires(parts).onRelease("factory-reset");
    expect(calls.at(-1)).toBe('board.restart("factory reset")');
    expect(calls.filter((call) => call.startsWith("led.")).at(-1)).toBe('led.acknowledge("factory-reset")');
    expect([...storage.keyValue("aerolink").keys()]).toEqual([RESET_MARK]);
  });
});
