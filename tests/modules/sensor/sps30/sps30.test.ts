import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { formatCommand, parseText, parseWords } from "../../../../modules/sensor/sensirion/words";
import { Sps30, WHOLE_NUMBERS } from "../../../../modules/sensor/sps30/sps30";
import { Sen5xTwin, Sps30Twin } from "../../../../sim/sensors/particle-twin";
import { onBus } from "../../../../sim/sensors/sensirion-twin";
import { AIR, TwinBus } from "../../../support/sensor-rigs";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

// Of Sensirion's data sheet SPS30 (version 1.0, D1), chapter 6.3.
describe("the data sheet's bytes", () => {
  test("start with whole numbers", () => {
    expect(formatCommand(0x0010, WHOLE_NUMBERS)).toEqual(hex("0010 0500 f6"));
  });

  test("product type", () => {
    expect(parseText(parseWords(hex("3030 f6 3038 4f 3030 f6 3030 f6"))!)).toBe("00080000");
  });
});

let twin: Sps30Twin;
let sensor: Sps30;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  sensor?.close();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const open = (firmware = 0x0203) => {
  twin = new Sps30Twin({ air: () => AIR });
  twin.firmware = firmware;
  sensor = new Sps30({ sensor: { io: new TwinBus(twin).io, data: 7, clock: 6 }, log: silentLogger });
};

test("is reset, identified and started", () => {
  open();
  pass(1);
  expect(twin.heard).toEqual([0xd304, 0xd002, 0xd033, 0xd100, 0x0010]);
  expect(sensor).toMatchObject({ model: "SPS30", serialNumber: "00080000001CA5E3", firmware: "2.3" });
});

test.each([
  [1 << 4, "fan failure"],
  [1 << 5, "laser failure"],
])("status %i is %s, and all that it measures is worthless", (flags, fault) => {
  open();
  pass(45);
  twin.status = flags;
  pass(6);
  expect(sensor.fault).toBe(fault);
  expect(sensor.sample()).toBeUndefined();
  twin.status = 0;
  pass(6);
  expect(sensor.fault).toBeUndefined();
});

test("a fan out of its speed is told, and its values count", () => {
  open();
  pass(45);
  twin.status = 1 << 21;
  pass(6);
  expect(sensor.fault).toBe("fan speed out of range");
  expect(sensor.sample()).toMatchObject({ pm2_5: 23 });
});

test("of firmware that has no status, none is asked for", () => {
  open(0x0201);
  pass(45);
  expect(sensor.sample()).toMatchObject({ pm2_5: 23 });
  expect(twin.heard).not.toContain(0xd206);
  expect(twin.heard).not.toContain(0xd210);
});

test("a SEN55 at the same address is not taken for one", () => {
  const other = new Sen5xTwin({ air: () => AIR });
  sensor = new Sps30({ sensor: { io: new TwinBus(other).io, data: 7, clock: 6 }, log: silentLogger });
  pass(45);
  expect(sensor.fault).toBe("not found");
  expect(sensor.sample()).toBeUndefined();
});

test("values are whole: µg/m³, particles a cm³, nm", () => {
  open();
  pass(45);
  const words = [1, 2, 3, 4, 50, 60, 61, 62, 63, 512];
  twin.disturb = (answer) => (answer.length === 30 ? words.flatMap(onBus) : answer);
  pass(6);
  expect(sensor.sample()).toEqual({
    ...{ pm1: 1, pm2_5: 2, pm4: 3, pm10: 4 },
    ...{ nc0_5: 50, nc1: 60, nc2_5: 61, nc4: 62, nc10: 63, particleSize: 0.512 },
  });
});
