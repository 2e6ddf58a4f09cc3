import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { formatCommand } from "../../../../modules/sensor/sensirion/words";
import { DEFAULT_AIR, formatAir, Sgp41 } from "../../../../modules/sensor/sgp41/sgp41";
import type { Measurement } from "../../../../modules/telemetry/reading";
import { Sgp41Twin } from "../../../../sim/sensors/gas-twins";
import { AIR, TwinBus } from "../../../support/sensor-rigs";

let twin: Sgp41Twin;
let sensor: Sgp41;
let climate: Measurement | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  climate = { humidity: 45, temperature: 21.5 };
  twin = new Sgp41Twin({ air: () => AIR });
  sensor = new Sgp41({
    sensor: { io: new TwinBus(twin).io, data: 7, clock: 6 },
    log: silentLogger,
    climate: { sample: () => climate },
  });
});
afterEach(() => {
  sensor?.close();
  vi.useRealTimers();
});
const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

// Of Sensirion's data sheet SGP41 (version 1.0), tables 9 and 10: the air that it takes for granted, with its CRCs.
test("the data sheet's bytes: conditioning and measuring without a known air", () => {
  expect(formatCommand(0x2612, DEFAULT_AIR)).toEqual(Uint8Array.from(Buffer.from("26128000a2666693", "hex")));
  expect(formatCommand(0x2619, DEFAULT_AIR)).toEqual(Uint8Array.from(Buffer.from("26198000a2666693", "hex")));
});

// "ticks = %RH * 65535 / 100", "ticks = (degC + 45) * 65535 / 175": Sensirion/embedded-i2c-sgp41 (c9a981e), sgp41_i2c.h.
test.each([
  [50, 25, [0x8000, 0x6666]],
  [0, -45, [0, 0]],
  [100, 130, [0xffff, 0xffff]],
  [140, -60, [0xffff, 0]],
])("the air of %f %% and %f °C is %j", (humidity, temperature, expected) => {
  expect(formatAir(humidity, temperature)).toEqual(expected);
});

test("is conditioned for less than its 10 s, nothing given meanwhile, then measures with the air beside it", () => {
  pass(8);
  expect(sensor.fault).toBe("warming up");
  expect(sensor.sample()).toBeUndefined();
  expect(twin.toldAir).toEqual(DEFAULT_AIR);
  pass(32);
  expect(twin.conditionings).toBeGreaterThan(5);
  expect(twin.conditionings).toBeLessThanOrEqual(10);
  expect(sensor.sample()).toEqual({ vocRaw: AIR.vocRaw, noxRaw: AIR.noxRaw });
  expect(twin.toldAir).toEqual(formatAir(45, 21.5));
});

test("where the sensor beside it has nothing, the air that it takes for granted serves", () => {
  climate = undefined;
  pass(20);
  expect(twin.toldAir).toEqual(DEFAULT_AIR);
  expect(sensor.sample()).toHaveProperty("vocRaw");
});

test("whose own test fails is not heated, and tested again every minute", () => {
  twin.selfTest = 0xd402;
  pass(10);
  expect(sensor.fault).toBe("sensor failure");
  expect(twin.conditionings).toBe(0);
  twin.selfTest = 0x0000;
  pass(80);
  expect(sensor.fault).toBeUndefined();
  expect(sensor.sample()).toHaveProperty("noxRaw");
});

test("put back after it was pulled out, is conditioned anew", () => {
  pass(40);
  twin.setFault("unplugged", true);
  pass(10);
  expect(sensor.fault).toBe("connection lost");
  twin.setFault("unplugged", false);
  pass(80);
  expect(twin.conditionings).toBeGreaterThan(5);
  expect(sensor.sample()).toHaveProperty("noxRaw");
});
