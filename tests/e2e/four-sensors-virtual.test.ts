import { beforeAll, expect, test } from "vitest";
import { FAULTS } from "../../sim/virtual/faults";
import { VirtualWorld } from "../../sim/virtual/virtual-world";
import { buildFirmware } from "../support/firmware";
import { faultsOf } from "../support/schemas";

const MINUTE_MS = 60_000;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

interface Status {
  sensor: { model: string; fault: string | null };
  sensors: {
    model: string;
    serial: string;
    fault: string | null;
    age: number | null;
    quantities: string[];
  }[];
  corrected: Record<string, number | string>;
}

function online(settings: object = {}) {
  const seen = { status: undefined as Status | undefined, discovered: [] as string[] };
  const world = new VirtualWorld({
    ...built,
    ...{ seed: 18, sensors: "four", settings: { samplingSeconds: 10, readingsPerBatch: 1, ...settings } },
    onMessage: (topic, payload) => {
      const text = new TextDecoder().decode(payload);
      if (topic.startsWith("homeassistant/")) seen.discovered.push(topic.split("/")[3]!);
      if (!topic.endsWith("/status") || !text.includes('"online":true')) return;
      seen.status = JSON.parse(text);
      expect(faultsOf("status", seen.status)).toBe("");
    },
  });
  world.keepReadings = true;
  world.world.powerOn();
  expect(world.runUntilSight("solid blue", 60_000)).toBeDefined();
  world.run(MINUTE_MS);
  return { world, seen, last: () => world.readings.at(-1)!.values };
}

const OWN = [
  ["co2"],
  ["temperature", "humidity"],
  ["vocRaw", "noxRaw"],
  ["pm1", "pm2_5", "pm10", "nc0_5", "nc1", "nc2_5", "nc10"],
];

test("Four sensors arrive as one reading, and the status tells of each", () => {
  const { world, seen, last } = online();
  expect(Object.keys(last()).sort()).toEqual(OWN.flat().sort());
  // The status of the connection came with the first reading.
  world.sensors[3]!.fault = "warming up";
  world.run(20_000);
  const { sensor, sensors, corrected } = seen.status!;
  expect(sensor).toEqual({ model: "SCD41 + SHT45 + SGP41 + PMS5003", fault: "PMS5003: warming up" });
  expect(sensors).toEqual(
    ["SCD41", "SHT45", "SGP41"]
      .map((model, place) => ({ model, serial: `${model}-12`, fault: null, age: 0, quantities: OWN[place] }))
      .concat({
        ...{ model: "PMS5003", serial: "PMS5003-12", fault: "warming up", age: null, quantities: [] },
      } as never),
  );
  expect(corrected).toEqual({});
  expect(world.misdated).toEqual([]);
});

test.each([0, 1, 2, 3])("Sensor %i alone goes and comes back: its quantities do, and no others", (lost) => {
  const { world, seen, last } = online();
  world.sensors[lost]!.fault = "connection lost";
  world.run(30_000);
  expect(Object.keys(last()).sort()).toEqual(OWN.flatMap((own, place) => (place === lost ? [] : own)).sort());
  expect(seen.status!.sensors.map(({ fault }) => fault)).toEqual(
    OWN.map((_, place) => (place === lost ? "connection lost" : null)),
  );
  world.sensors[lost]!.fault = undefined;
  world.run(30_000);
  expect(Object.keys(last()).sort()).toEqual(OWN.flat().sort());
  expect(seen.status!.sensor.fault).toBeNull();
  expect(world.misdated).toEqual([]);
});

test("With none of them there is no reading, and with the first that comes back there is one", () => {
  const { world, last } = online();
  for (const sensor of world.sensors) sensor.fault = "not found";
  world.run(MINUTE_MS);
  const before = world.readings.length;
  world.run(5 * MINUTE_MS);
  expect(world.readings.length).toBe(before);
  world.sensors[2]!.fault = undefined;
  world.run(30_000);
  expect(Object.keys(last())).toEqual(["vocRaw", "noxRaw"]);
});

test("A night offline with all quantities is delivered in order, every value as it was taken", () => {
  const { world } = online({ samplingSeconds: 60, readingsPerBatch: 5 });
  const away = FAULTS.find(({ name }) => name === "internet-away")!;
  away.begin(world);
  world.run(8 * 60 * MINUTE_MS);
  away.end(world);
  const before = world.delivered.size;
  world.run(30 * MINUTE_MS);
  expect(world.delivered.size).toBeGreaterThan(before + 450);
  expect(world.truth.absent(world.unixMs - 6 * MINUTE_MS)).toEqual([]);
  expect(world.misdated).toEqual([]);
});

test("Home Assistant hears of the quantities that this board has", () => {
  const { seen } = online({ homeAssistant: true });
  expect([...new Set(seen.discovered)].sort()).toEqual(OWN.flat().sort());
});
