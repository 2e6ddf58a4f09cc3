import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { Sen6x } from "../../../../modules/sensor/sen6x/sen6x";
import { MODELS, STATUS } from "../../../../modules/sensor/sen6x/sen6x-protocol";
import { parseFields, parseStatus } from "../../../../modules/sensor/sensirion/words";
import type { Measurement } from "../../../../modules/telemetry/reading";
import { Sen6xTwin } from "../../../../sim/sensors/particle-twin";
import { AIR, SETTINGS, TwinBus } from "../../../support/sensor-rigs";

const words = (...list: number[]) => Uint8Array.from(list.flatMap((word) => [word >> 8, word & 0xff]));
const valuesOf = (model: keyof typeof MODELS, ...list: number[]): Measurement => {
  const values: Measurement = {};
  parseFields(words(...list), MODELS[model]!.reads[0]![1], values);
  return values;
};

// Scales and order of Sensirion's drivers: embedded-i2c-sen63c (fc03581), -sen65 (848dd99), -sen66 (85c2c90), -sen68
// (895465f), *_read_measured_values_as_integers.
describe("values", () => {
  const air = [12, 23, 24, 25, 4567, 4321];
  const AIR_OF = { pm1: 1.2, pm2_5: 2.3, pm4: 2.4, pm10: 2.5, humidity: 45.67, temperature: 21.605 };

  test("of each model are in its own order", () => {
    expect(valuesOf("SEN63C", ...air, 612)).toEqual({ ...AIR_OF, co2: 612 });
    expect(valuesOf("SEN65", ...air, 1000, 10)).toEqual({ ...AIR_OF, voc: 100, nox: 1 });
    expect(valuesOf("SEN66", ...air, 1000, 10, 612)).toEqual({ ...AIR_OF, voc: 100, nox: 1, co2: 612 });
    expect(valuesOf("SEN68", ...air, 1000, 10, 125)).toEqual({ ...AIR_OF, voc: 100, nox: 1, hcho: 12.5 });
  });

  test("that are unknown are absent: so is CO₂ in its first seconds, and an index while it learns", () => {
    const unknown = [0xffff, 0xffff, 0xffff, 0xffff, 0x7fff, 0x7fff];
    expect(valuesOf("SEN66", ...unknown, 0x7fff, 0x7fff, 0xffff)).toEqual({});
    expect(valuesOf("SEN66", ...air, 0, 0, 0)).toEqual(AIR_OF);
  });
});

/** The bits of sen6x_device_status in the four headers. */
test.each([
  [1 << 4, ["fan failure"]],
  [1 << 6, ["humidity sensor failure"]],
  [1 << 7, ["gas sensor failure"]],
  [1 << 9, ["CO2 sensor failure"]],
  [1 << 10, ["formaldehyde sensor failure"]],
  [1 << 11, ["particle sensor failure"]],
  [1 << 12, ["CO2 sensor failure"]],
  [1 << 21, ["fan speed out of range"]],
  [(1 << 21) | (1 << 4), ["fan failure", "fan speed out of range"]],
  [0b1_0010_1111, []],
])("status %i tells of %j", (flags, expected) => {
  expect(parseStatus(words(flags >>> 16, flags & 0xffff), STATUS).map(([, status]) => status)).toEqual(
    expected,
  );
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
