import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { putValues, Scd4x } from "../../../../modules/sensor/scd4x/scd4x";
import { formatCommand, parseWords } from "../../../../modules/sensor/sensirion/words";
import { Scd4xTwin } from "../../../../sim/sensors/gas-twins";
import { AIR, SETTINGS, TwinBus } from "../../../support/sensor-rigs";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const valuesOf = (answer: string) => {
  const values = {};
  putValues(values, parseWords(hex(answer))!);
  return values;
};

// The examples of Sensirion's data sheet (SCD4x, version 1.4, chapter 3), as they stand in the tests of public drivers:
// the serial number and its CRCs in hauju/scd4x-rs (4e53b51, src/scd4x.rs) and others, the measurement in both.
describe("the data sheet's bytes", () => {
  test("500 ppm, 25 °C, 37 %", () => {
    expect(valuesOf("01f4 33 6667 a2 5eb9 3c")).toEqual({
      co2: 500,
      temperature: expect.closeTo(25, 2),
      humidity: expect.closeTo(37, 2),
    });
  });

  test("1000 ppm, 22 °C, 50 % (scd4x-rs, test_measurement)", () => {
    expect(valuesOf("03e8 d4 6203 5e 8000 a2")).toEqual({
      co2: 1000,
      temperature: expect.closeTo(22, 2),
      humidity: expect.closeTo(50, 2),
    });
  });

  test("commands with an argument: altitude 1,950 m, recalibration at 480 ppm, self-calibration on", () => {
    expect(formatCommand(0x2427, [1950])).toEqual(hex("2427 079e 09"));
    expect(formatCommand(0x362f, [480])).toEqual(hex("362f 01e0 b4"));
    expect(formatCommand(0x2416, [1])).toEqual(hex("2416 0001 b0"));
  });

  test("no CO₂ yet, or more than it measures, is none", () => {
    expect(valuesOf("0000 81 6667 a2 5eb9 3c")).not.toHaveProperty("co2");
    expect(valuesOf("ffff ac 6667 a2 5eb9 3c")).not.toHaveProperty("co2");
  });
});

let twin: Scd4xTwin;
let sensor: Scd4x;
let settings: { altitude: number; co2SelfCalibration: boolean };
let warnings: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  settings = { ...SETTINGS };
  warnings = [];
});
afterEach(() => {
  sensor?.close();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const open = (air = () => ({ ...AIR })) => {
  twin = new Scd4xTwin({ air });
  const log = { ...silentLogger, warn: (text: string) => warnings.push(text) };
  sensor = new Scd4x({ sensor: { io: new TwinBus(twin).io, data: 7, clock: 6 }, log, settings });
};

test("is stopped, identified, told its place, and started, in this order", () => {
  open();
  pass(2);
  expect(twin.heard).toEqual([0x3f86, 0x3682, 0x202f, 0x2427, 0x2416, 0x21b1]);
  expect(twin).toMatchObject({ altitude: 540, selfCalibration: true, measuring: true });
  expect(sensor).toMatchObject({ model: "SCD41", serialNumber: "F8969F073BBE" });
});

test("a sensor that was measuring when the board restarted is started anew", () => {
  open();
  pass(10);
  sensor.close();
  sensor = new Scd4x({
    sensor: { io: new TwinBus(twin).io, data: 7, clock: 6 },
    log: silentLogger,
    settings,
  });
  pass(10);
  expect(sensor.sample()).toMatchObject({ co2: 1234 });
});

test("an unknown variant is no sensor of ours", () => {
  twin = new Scd4xTwin({ air: () => AIR, model: "SCD42" });
  sensor = new Scd4x({
    sensor: { io: new TwinBus(twin).io, data: 7, clock: 6 },
    log: silentLogger,
    settings,
  });
  pass(2);
  expect(sensor.fault).toBe("unsupported model");
  twin.setFault("unplugged", true);
  pass(60);
  expect(sensor.fault).toBe("not found");
});

test("takes new settings at its next poll, below the sea too", () => {
  open();
  pass(10);
  settings.altitude = -12;
  settings.co2SelfCalibration = false;
  sensor.configure();
  pass(6);
  expect(twin).toMatchObject({ altitude: 0, selfCalibration: false, measuring: true });
  pass(6);
  expect(sensor.sample()).toMatchObject({ co2: 1234 });
});

test("settings that change while it is not there are those that it starts with", () => {
  open();
  twin.setFault("unplugged", true);
  pass(10);
  settings.altitude = 77;
  sensor.configure();
  twin.setFault("unplugged", false);
  pass(60);
  expect(twin.altitude).toBe(77);
});

describe("a forced recalibration", () => {
  test("is refused before three minutes, while it is not there, and while one runs", () => {
    open();
    expect(sensor.calibrate(430)).toBe("not-ready");
    pass(170);
    expect(sensor.calibrate(430)).toBe("warming-up");
    pass(20);
    expect(sensor.calibrate(430)).toBeUndefined();
    expect(sensor.calibrate(430)).toBe("calibrating");
    twin.setFault("unplugged", true);
    pass(20);
    expect(sensor.calibrate(430)).toBe("not-ready");
  });

  test("stops, sets and starts it, and the values are right from then on", () => {
    open();
    pass(200);
    expect(sensor.calibrate(430)).toBeUndefined();
    pass(12);
    expect(twin.recalibratedTo).toBe(430);
    expect(twin.heard.slice(-6)).toContain(0x362f);
    expect(sensor.sample()).toMatchObject({ co2: 430 });
    expect(sensor.fault).toBeUndefined();
    // Again only after three minutes in the air.
    expect(sensor.calibrate(430)).toBe("warming-up");
  });

  test("that the sensor does not take is its fault until one succeeds; it measures on", () => {
    open();
    pass(200);
    twin.refuses = true;
    sensor.calibrate(430);
    pass(12);
    expect(sensor.fault).toBe("recalibration failed");
    expect(warnings).toContain("recalibration failed");
    expect(sensor.sample()).toMatchObject({ co2: 1234 });
    twin.refuses = false;
    pass(180);
    expect(sensor.calibrate(430)).toBeUndefined();
    pass(12);
    expect(sensor.fault).toBeUndefined();
    expect(sensor.sample()).toMatchObject({ co2: 430 });
  });

  test("during which it is pulled out is a lost connection, and it comes back measuring", () => {
    open();
    pass(200);
    sensor.calibrate(430);
    while (twin.heard.at(-1) !== 0x362f) pass(0.1);
    twin.setFault("unplugged", true);
    pass(0.4);
    expect(sensor.fault).toBe("connection lost");
    twin.setFault("unplugged", false);
    pass(70);
    expect(sensor.sample()).toMatchObject({ co2: 430 });
    expect(sensor.fault).toBeUndefined();
  });
});

test("drifts as its twin does", () => {
  open();
  pass(10);
  twin.setFault("drifting", true);
  pass(3600);
  expect(sensor.sample()!.co2).toBeGreaterThan(1255);
});
