import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { parseStatus } from "../../../../modules/sensor/particles/particle-values";
import { Sen6x } from "../../../../modules/sensor/sen6x/sen6x";
import { Sen6xTwin } from "../../../../sim/sensors/particle-twin";
import { onBus } from "../../../../sim/sensors/sensirion-twin";
import { AIR, SETTINGS, TwinBus } from "../../../support/sensor-rigs";

/** The bits of sen6x_device_status in the four headers. */
test.each([
  [1 << 4, "fan failure"],
  [1 << 6, "humidity sensor failure"],
  [1 << 7, "gas sensor failure"],
  [1 << 9, "CO2 sensor failure"],
  [1 << 10, "formaldehyde sensor failure"],
  [1 << 11, "particle sensor failure"],
  [1 << 12, "CO2 sensor failure"],
  [1 << 21, "fan speed out of range"],
  [(1 << 21) | (1 << 4), "fan failure"],
  [0x10f, undefined],
])("status %i tells of %s", (flags, expected) => {
  expect(parseStatus(flags)).toBe(expected);
});

let twin: Sen6xTwin;
let sensor: Sen6x;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  sensor?.close();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const open = (model: "SEN63C" | "SEN65" | "SEN66" | "SEN68" = "SEN66", settings = SETTINGS) => {
  twin = new Sen6xTwin({ air: () => AIR, model });
  const io = new TwinBus(twin).io;
  sensor = new Sen6x({ sensor: { io, data: 7, clock: 6 }, log: silentLogger, settings });
};

test("is reset, identified, told its place, and started", () => {
  open();
  pass(3);
  expect(twin.heard).toEqual([0xd304, 0xd014, 0xd033, 0xd100, 0x6736, 0x6711, 0x0021]);
  expect(twin).toMatchObject({ altitude: 540, selfCalibration: true });
  expect(sensor).toMatchObject({ model: "SEN66", serialNumber: "0123456789ABCDEF", firmware: "1.2" });
});

test("a model without a CO₂ sensor is told nothing of it, and cannot be calibrated", () => {
  open("SEN65");
  pass(45);
  expect(twin.heard).not.toContain(0x6736);
  expect(twin.heard).not.toContain(0x6711);
  expect(sensor.calibrate(430)).toBe("no-co2-sensor");
  const resets = twin.resets;
  sensor.configure();
  pass(20);
  expect(twin.resets).toBe(resets);
});

test("gives no particle values until it is warm, and says so", () => {
  open();
  pass(10);
  expect(sensor.fault).toBe("warming up");
  const { pm2_5, nc1, co2 } = sensor.sample()!;
  expect([pm2_5, nc1, co2]).toEqual([undefined, undefined, 1234]);
  pass(35);
  expect(sensor.sample()).toMatchObject({ pm2_5: 23, nc1: 151, co2: 1234 });
});

test("whose fan stands still gives all but particles", () => {
  open();
  pass(45);
  twin.setFault("fan-stuck", true);
  pass(6);
  expect(sensor.fault).toBe("fan failure");
  expect(Object.keys(sensor.sample()!).sort()).toEqual(["co2", "humidity", "nox", "temperature", "voc"]);
  twin.setFault("fan-stuck", false);
  pass(6);
  expect(sensor.fault).toBeUndefined();
  expect(sensor.sample()).toHaveProperty("nc0_5");
});

test("a forced recalibration stops it, waits, and starts it again", () => {
  open();
  pass(200);
  expect(sensor.calibrate(440)).toBeUndefined();
  pass(8);
  expect(twin.recalibratedTo).toBe(440);
  expect(twin.measuring).toBe(true);
  // Its fan stood still meanwhile.
  expect(sensor.fault).toBe("warming up");
  pass(40);
  expect(sensor.fault).toBeUndefined();
});

test("another product at its address is not taken for one", () => {
  open("SEN60" as "SEN65");
  pass(3);
  expect(sensor.fault).toBe("unsupported model");
  expect(twin.measuring).toBe(false);
});

// Scales and order of Sensirion's drivers: embedded-i2c-sen63c (fc03581), -sen65 (848dd99), -sen66 (85c2c90), -sen68
// (895465f), *_read_measured_values_as_integers.
describe("the words of an answer", () => {
  const air = [12, 23, 24, 25, 4567, 4321];
  const AIR_OF = { pm1: 1.2, pm2_5: 2.3, pm4: 2.4, pm10: 2.5, humidity: 45.67, temperature: 21.605 };
  const NUMBERS_OF = { nc0_5: 13, nc1: 15.1, nc2_5: 15.6, nc4: 15.7, nc10: 15.8 };

  const valuesOf = (model: "SEN63C" | "SEN65" | "SEN66" | "SEN68", ...words: number[]) => {
    open(model);
    pass(45);
    twin.disturb = (answer) => {
      const list = answer.length === 15 ? [130, 151, 156, 157, 158] : answer.length > 15 ? words : undefined;
      return list ? list.flatMap(onBus) : answer;
    };
    pass(6);
    return sensor.sample();
  };

  test.each([
    ["SEN63C", [...air, 612], { co2: 612 }],
    ["SEN65", [...air, 1000, 10], { voc: 100, nox: 1 }],
    ["SEN66", [...air, 1000, 10, 612], { voc: 100, nox: 1, co2: 612 }],
    ["SEN68", [...air, 1000, 10, 125], { voc: 100, nox: 1, hcho: 12.5 }],
  ] as const)("of a %s are in its own order", (model, words, rest) => {
    expect(valuesOf(model, ...words)).toEqual({ ...AIR_OF, ...NUMBERS_OF, ...rest });
  });

  test("that are unknown are absent: so is CO₂ in its first seconds, and an index while it learns", () => {
    const unknown = [0xffff, 0xffff, 0xffff, 0xffff, 0x7fff, 0x7fff];
    expect(valuesOf("SEN66", ...unknown, 0x7fff, 0x7fff, 0xffff)).toBeUndefined();
    sensor.close();
    expect(valuesOf("SEN66", ...air, 0, 0, 0)).toEqual({ ...AIR_OF, ...NUMBERS_OF });
  });

  test.each([
    [1 << 6, ["humidity", "temperature"]],
    [1 << 7, ["nox", "voc"]],
    [1 << 9, ["co2"]],
    [1 << 21, []],
  ])("status %i takes out %j", (flags, spoiled) => {
    open();
    pass(45);
    twin.status = flags;
    pass(6);
    const all = ["co2", "humidity", "nox", "temperature", "voc", "pm1", "pm2_5", "pm4", "pm10"];
    const numbers = ["nc0_5", "nc1", "nc2_5", "nc4", "nc10"];
    const left = [...all, ...numbers].filter((name) => !spoiled.includes(name));
    expect(Object.keys(sensor.sample()!).sort()).toEqual(left.sort());
  });
});
