import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { EPA_2021 } from "../../../../modules/sensor/pms/epa-2021";
import { Pms } from "../../../../modules/sensor/pms/pms";
import { formatCommand, PmsFramer, parseFrame } from "../../../../modules/sensor/pms/pms-protocol";
import Serial from "../../../../sim/sdk/serial";
import { PmsTwin } from "../../../../sim/sensors/serial-twins";
import { AIR, SERIAL, SERIAL_PINS } from "../../../support/sensor-rigs";
import { fuzz } from "../../../support/volume";

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const framesOf = (bytes: Iterable<number>): string[] => {
  const framer = new PmsFramer();
  const frames: string[] = [];
  for (const byte of bytes) if (framer.feed(byte)) frames.push(Buffer.from(framer.frame).toString("hex"));
  return frames;
};

// Frames that real sensors sent: avaldebe/PyPMS (45c3bf0), tests/sensors/test_sensor.py and tests/captured_data/data.csv,
// with what PyPMS reads in them (PMS5003T.csv: counts above 0.3, 0.5, 1 and 2.5 µm, °C, %).
const PMS5003 = "424d001c0005000d00160005000d001602fd00fc001d000f00060006970003c5";
const PMS5003T = "424d001c001700270029001600230029100804a90116000c00d400e09a0004aa";

describe("recorded frames", () => {
  test("of a PMS5003", () => {
    expect(framesOf(hex(PMS5003))).toEqual([PMS5003]);
    // Above 0.3 µm 765 in 0.1 l, above 0.5 252, above 1 29, above 2.5 15, above 10 6.
    expect(parseFrame(hex(PMS5003), "PMS5003")).toEqual({
      ...{ pm1: 5, pm2_5: 13, pm10: 22 },
      ...{ nc0_5: 5.13, nc1: 7.36, nc2_5: 7.5, nc10: 7.59 },
    });
  });

  test("of a PMS5003T: temperature and humidity in the place of the largest particles", () => {
    expect(framesOf(hex(PMS5003T))).toEqual([PMS5003T]);
    expect(parseFrame(hex(PMS5003T), "PMS5003T")).toEqual({
      ...{ pm1: 22, pm2_5: 35, pm10: 41 },
      nc0_5: expect.closeTo(41.04 - 11.93, 6),
      nc1: expect.closeTo(41.04 - 2.78, 6),
      nc2_5: expect.closeTo(41.04 - 0.12, 6),
      ...{ temperature: 21.2, humidity: 22.4 },
    });
  });

  test("frost is below zero, and counts that contradict each other are none below zero", () => {
    const frame = hex(PMS5003T);
    frame.set([0xff, 0x9c, 0x00, 0xe0], 24);
    frame.set([0xff, 0xff], 18);
    expect(parseFrame(frame, "PMS5003T")).toMatchObject({ temperature: -10, nc0_5: 0 });
  });
});

// fu-hsi/PMS (f73bb6b), src/PMS.cpp.
test("commands with their sums: sleep, wake, send by itself", () => {
  expect(formatCommand(0xe400)).toEqual(hex("424de400000173"));
  expect(formatCommand(0xe401)).toEqual(hex("424de400010174"));
  expect(formatCommand(0xe101)).toEqual(hex("424de100010171"));
});

describe("framing", () => {
  test("a frame with a wrong sum is none, nor is one of another length", () => {
    expect(framesOf(hex(PMS5003.replace(/c5$/, "c6")))).toEqual([]);
    expect(framesOf(hex("424d001400010001000100010001000100000000005100fa"))).toEqual([]);
  });

  test("a frame that lost a byte costs itself only, wherever it was lost", () => {
    for (let lost = 0; lost < 32; lost++) {
      const broken = PMS5003.slice(0, 2 * lost) + PMS5003.slice(2 * lost + 2);
      expect(framesOf(hex(broken + PMS5003T))).toEqual([PMS5003T]);
    }
  });

  test("a frame that was cut off, wherever, costs the next one never", () => {
    for (let length = 0; length < 32; length++)
      expect(framesOf(hex(PMS5003.slice(0, 2 * length) + PMS5003T))).toEqual([PMS5003T]);
  });

  test("after whatever noise, a frame is found, and none is made of noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        const found = framesOf([...noise, ...hex(PMS5003), ...hex(PMS5003T)]);
        expect(found.at(-1)).toBe(PMS5003T);
        expect(found.length).toBeLessThanOrEqual(2);
      }),
      fuzz(),
    );
  });
});

let twin: PmsTwin;
let sensor: Pms;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  twin = new PmsTwin({ air: () => AIR });
  Serial.plugged.set(SERIAL_PINS.port, twin);
});
afterEach(() => {
  sensor?.close();
  Serial.plugged.clear();
  vi.useRealTimers();
});
const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const open = () => {
  sensor = new Pms({ sensor: { io: SERIAL, ...SERIAL_PINS }, log: silentLogger, model: "PMS5003" });
};

test("is woken, told to send by itself, and put to sleep when nobody listens any more", () => {
  twin.isAsleep = true;
  open();
  pass(5);
  expect(twin.isAsleep).toBe(false);
  expect(twin.heard.map((bytes) => bytes[2])).toEqual([0xe4, 0xe1]);
  expect(sensor).toMatchObject({ model: "PMS5003", firmware: "151", pmCorrection: EPA_2021 });
  sensor.close();
  pass(1);
  expect(twin.isAsleep).toBe(true);
});

test("gives nothing for 30 s after it was woken, and says why", () => {
  open();
  pass(20);
  expect(sensor.fault).toBe("warming up");
  expect(sensor.sample()).toBeUndefined();
  pass(20);
  expect(sensor.sample()).toMatchObject({ pm2_5: 23 });
});

test("its error code is told; what it measures stays", () => {
  open();
  pass(45);
  twin.errorCode = 3;
  pass(6);
  expect(sensor.fault).toBe("reports an error");
  expect(sensor.sample()).toMatchObject({ pm2_5: 23 });
  twin.errorCode = 0;
  pass(6);
  expect(sensor.fault).toBeUndefined();
});

test("whose fan stands still says the same for ever: after ten minutes that is a fault, and no value", () => {
  open();
  pass(45);
  twin.setFault("fan-stuck", true);
  pass(590);
  expect(sensor.fault).toBeUndefined();
  pass(20);
  expect(sensor.fault).toBe("values do not change");
  expect(sensor.sample()).toBeUndefined();
  twin.setFault("fan-stuck", false);
  pass(6);
  expect(sensor.fault).toBeUndefined();
  expect(sensor.sample()).toMatchObject({ pm2_5: 23 });
});

test("clean air may be the same for hours", () => {
  twin = new PmsTwin({ air: () => ({}) });
  Serial.plugged.set(SERIAL_PINS.port, twin);
  open();
  pass(3600);
  expect(sensor.fault).toBeUndefined();
  expect(sensor.sample()).toEqual({ pm1: 0, pm2_5: 0, pm10: 0, nc0_5: 0, nc1: 0, nc2_5: 0, nc10: 0 });
});
