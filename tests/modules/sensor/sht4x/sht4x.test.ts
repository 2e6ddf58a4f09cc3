import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../modules/base/logger";
import { parseValues, Sht4x } from "../../../../modules/sensor/sht4x/sht4x";
import type { Measurement } from "../../../../modules/telemetry/reading";
import { Sht4xTwin } from "../../../../sim/sensors/gas-twins";
import { TwinBus } from "../../../support/sensor-rigs";

let sensor: Sht4x;
let air: Measurement;
let twin: Sht4xTwin;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  twin = new Sht4xTwin({ air: () => air });
  sensor = new Sht4x({ sensor: { io: new TwinBus(twin).io, data: 7, clock: 6 }, log: silentLogger });
});
afterEach(() => {
  sensor?.close();
  vi.useRealTimers();
});

// The ends and the middle of both scales: sirhcel/sht4x (d953f6b), tests/measurement.rs; and 0xBEEF, Sensirion's example
// of a word, by convert_ticks_to_* of Sensirion/embedded-i2c-sht4x (53b1b8b), which round to 0.004;
// what is beyond 0 to 100 % is cut.
test.each([
  [0x0000, -45, 0],
  [0xffff, 130, 100],
  [0xbeef, 85.523, 87.231],
  [0x6666, 25, 44],
])("ticks 0x%x are %f °C and %f %%", (ticks, temperature, humidity) => {
  const [high, low] = [ticks >> 8, ticks & 0xff];
  expect(parseValues(Uint8Array.of(high, low, high, low))).toEqual({
    temperature: expect.closeTo(temperature, 2),
    humidity: expect.closeTo(humidity, 2),
  });
});

test("is reset and identified by commands of one byte, and measures every 5 s", () => {
  air = { temperature: 21.5, humidity: 45 };
  vi.advanceTimersByTime(11_000);
  expect(twin.heard).toEqual([0x94, 0x89, 0xfd, 0xfd]);
  expect(sensor).toMatchObject({ model: "SHT4x", serialNumber: "0F4D2A17" });
});

test.each([
  [-5, 0],
  [0.2, 0.2],
  [118, 100],
])("a humidity of %f is told as %f", (measured, told) => {
  air = { temperature: -20, humidity: measured };
  vi.advanceTimersByTime(6_000);
  expect(sensor.sample()!.humidity).toBeCloseTo(told, 2);
  expect(sensor.sample()!.temperature).toBeCloseTo(-20, 2);
});
