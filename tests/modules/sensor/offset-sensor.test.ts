import { expect, test } from "vitest";
import { Settings } from "../../../modules/configuration/settings";
import { OffsetSensor } from "../../../modules/sensor/offset-sensor";
import type { Measurement } from "../../../modules/telemetry/reading";
import { MemoryStore } from "../../support/memory-store";

function corrected(values: Measurement | undefined, offsets: object): Measurement | undefined {
  const settings = new Settings({ store: new MemoryStore() });
  for (const [key, value] of Object.entries(offsets)) settings.set(key, value);
  const sensor = {
    model: "SEN55",
    serialNumber: "A1",
    ageMs: 0,
    fault: undefined,
    sample: () => values,
    close() {},
  };
  return new OffsetSensor(sensor, settings).sample();
}

test("Offsets are added in their units, and the rest is as it was", () => {
  expect(
    corrected(
      { temperature: 21, humidity: 40, co2: 600, pm2_5: 3 },
      { temperatureOffset: -150, humidityOffset: 250, co2Offset: 20 },
    ),
  ).toEqual({ temperature: 19.5, humidity: 42.5, co2: 620, pm2_5: 3 });
});

test("What is absent stays absent", () => {
  expect(corrected({ pm1: 1 }, { temperatureOffset: 100, co2Offset: 9 })).toEqual({ pm1: 1 });
  expect(corrected(undefined, { temperatureOffset: 100 })).toBeUndefined();
});

test("Humidity stays within 0 and 100 %, carbon dioxide does not fall below 0", () => {
  expect(corrected({ humidity: 95, co2: 100 }, { humidityOffset: 1_000, co2Offset: -500 })).toEqual({
    humidity: 100,
    co2: 0,
  });
  expect(corrected({ humidity: 5 }, { humidityOffset: -1_000 })).toEqual({ humidity: 0 });
});
