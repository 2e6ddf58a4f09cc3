import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import {
  formatRequest,
  parseResponse,
  READ_HOLDING,
  READ_INPUT,
  WRITE,
} from "../../../../modules/sensor/senseair-s8/modbus";
import { parseCo2, parseStatus } from "../../../../modules/sensor/senseair-s8/s8-protocol";
import { SenseairS8 } from "../../../../modules/sensor/senseair-s8/senseair-s8";
import Serial from "../../../../sim/sdk/serial";
import { SenseairS8Twin } from "../../../../sim/sensors/serial-twins";
import { AIR, SERIAL, SERIAL_PINS } from "../../../support/sensor-rigs";
import { fuzz } from "../../../support/volume";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

// Senseair, "Modbus on Senseair S8" (TDE2067), appendix A: requests and answers with their CRCs.
describe("the document's bytes", () => {
  test.each([
    [READ_INPUT, 0x0003, 1, "FE 04 00 03 00 01 D5 C5"],
    [READ_INPUT, 0x0000, 4, "FE 04 00 00 00 04 E5 C6"],
    [READ_HOLDING, 0x001f, 1, "FE 03 00 1F 00 01 A1 C3"],
    [WRITE, 0x001f, 0, "FE 06 00 1F 00 00 AC 03"],
    [WRITE, 0x001f, 180, "FE 06 00 1F 00 B4 AC 74"],
    [WRITE, 0x0000, 0, "FE 06 00 00 00 00 9D C5"],
    [WRITE, 0x0001, 0x7c06, "FE 06 00 01 7C 06 6C C7"],
    [READ_HOLDING, 0x0000, 1, "FE 03 00 00 00 01 90 05"],
  ])("function %i, register %i, %i is %s", (code, register, value, bytes) => {
    expect(formatRequest(code, register, value)).toEqual(hex(bytes));
  });

  test("status and 400 ppm in one answer", () => {
    const data = parseResponse(hex("FE 04 08 00 00 00 00 00 00 01 90 16 E6"), READ_INPUT, 4)!;
    expect(parseStatus(data)).toBeUndefined();
    expect(parseCo2(data)).toBe(400);
  });

  test("a period of 180 hours; a background calibration that was done; a write repeated", () => {
    expect(parseResponse(hex("FE 03 02 00 B4 AC 27"), READ_HOLDING, 1)).toEqual(Uint8Array.of(0, 180));
    expect(parseResponse(hex("FE 03 02 00 20 AD 88"), READ_HOLDING, 1)).toEqual(Uint8Array.of(0, 0x20));
    expect(parseResponse(hex("FE 06 00 01 7C 06 6C C7"), WRITE, 1)).toEqual(Uint8Array.of(0x7c, 0x06));
  });
});

test("an answer that is not whole, of another function, of another length or with a flipped bit, is none", () => {
  const good = hex("FE 04 08 00 00 00 00 00 00 01 90 16 E6");
  for (let length = 0; length < good.length; length++)
    expect(parseResponse(good.subarray(0, length), READ_INPUT, 4)).toBeUndefined();
  expect(parseResponse(good, READ_HOLDING, 4)).toBeUndefined();
  expect(parseResponse(good, READ_INPUT, 3)).toBeUndefined();
  for (let bit = 0; bit < 8 * good.length; bit++)
    expect(
      parseResponse(good.with(bit >> 3, good[bit >> 3]! ^ (1 << (bit & 7))), READ_INPUT, 4),
    ).toBeUndefined();
});

test("what is not an answer is none, and never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 16 }), fc.integer({ min: 1, max: 4 }), (bytes, count) => {
      expect(parseResponse(bytes, READ_INPUT, count)).toBeUndefined();
    }),
    fuzz(),
  );
});

// Bits of the meter status: airgradienthq/arduino (2fd53ac), src/S8/S8.h.
test.each([
  [0x01, "sensor failure"],
  [0x02, "measurement error"],
  [0x04, "measurement error"],
  [0x08, "measurement error"],
  [0x10, "sensor failure"],
  [0x20, "out of range"],
  [0x40, "sensor failure"],
  [0x60, "sensor failure"],
  [0x80, undefined],
])("meter status %i is %s", (status, expected) => {
  expect(parseStatus(Uint8Array.of(0, status, 0, 0, 0, 0, 1, 0x90))).toBe(expected);
});

let twin: SenseairS8Twin;
let sensor: SenseairS8;
let settings: { co2SelfCalibration: boolean };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  settings = { co2SelfCalibration: true };
  twin = new SenseairS8Twin({ air: () => AIR });
  Serial.plugged.set(SERIAL_PINS.port, twin);
});
afterEach(() => {
  sensor?.close();
  Serial.plugged.clear();
  vi.useRealTimers();
});
const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const open = () => {
  sensor = new SenseairS8({ sensor: { io: SERIAL, ...SERIAL_PINS }, log: silentLogger, settings });
};

test("is identified, and its EEPROM written only where it has another period", () => {
  open();
  pass(10);
  expect(sensor).toMatchObject({ model: "S8", serialNumber: "06042B1D", firmware: "1.3" });
  expect(twin.writes).toBe(0);
  settings.co2SelfCalibration = false;
  sensor.configure();
  pass(10);
  expect(twin).toMatchObject({ period: 0, writes: 1 });
  sensor.configure();
  pass(10);
  expect(twin.writes).toBe(1);
  expect(sensor.sample()).toEqual({ co2: 1234 });
});

test.each([
  [0x01, "sensor failure"],
  [0x04, "measurement error"],
  [0x20, "out of range"],
])("meter status %i is %s, and no value", (status, fault) => {
  open();
  pass(10);
  twin.status = status;
  pass(6);
  expect(sensor.fault).toBe(fault);
  expect(sensor.sample()).toBeUndefined();
  twin.status = 0;
  pass(6);
  expect(sensor.fault).toBeUndefined();
  expect(sensor.sample()).toEqual({ co2: 1234 });
});

test("an answer that comes too late is not taken for that of the next question", () => {
  open();
  pass(10);
  let late: Uint8Array | undefined;
  twin.disturb = (bytes) => {
    // Answers by one behind: each question gets the answer of the one before.
    const before = late ?? new Uint8Array(0);
    late = bytes;
    return before;
  };
  pass(6);
  twin.disturb = undefined;
  pass(6);
  expect(sensor.fault).toBeUndefined();
  expect(sensor.sample()).toEqual({ co2: 1234 });
});

describe("a calibration", () => {
  test("takes the air for 400 ppm, after five minutes, and only where it is said to be fresh", () => {
    open();
    pass(200);
    expect(sensor.calibrate(430)).toBe("warming-up");
    expect(sensor.calibrate(800)).toBe("fresh-air-only");
    expect(sensor.calibrate(399)).toBe("fresh-air-only");
    pass(110);
    expect(sensor.calibrate(430)).toBeUndefined();
    expect(sensor.calibrate(430)).toBe("calibrating");
    pass(20);
    expect(sensor.sample()).toEqual({ co2: 400 });
    expect(sensor.fault).toBeUndefined();
  });

  test("that it does not acknowledge is told", () => {
    open();
    pass(310);
    twin.refuses = true;
    sensor.calibrate(430);
    pass(20);
    expect(sensor.fault).toBe("recalibration failed");
    expect(sensor.sample()).toEqual({ co2: 1234 });
  });
});
