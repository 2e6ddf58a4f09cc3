// Monitors as they are sold, from the bytes of their UARTs and their I²C to what the cloud decodes. On virtual time.
import type vm from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import type { Quantity } from "../../modules/telemetry/quantities";
import { HouseAir } from "../../sim/air/house-air";
import type { RoomName } from "../../sim/air/rooms";
import type { ModelName } from "../../sim/models/names";
import { VirtualWorld } from "../../sim/virtual/virtual-world";
import { buildFirmware } from "../support/firmware";
import { limit } from "../support/limit";
import { LONG } from "../support/volume";

const MINUTE = 60_000;
const SEED = 5;
let firmware: vm.Script;
let identity: Uint8Array;
beforeAll(async () => {
  ({ firmware, identity } = await buildFirmware());
}, limit(60_000));

const monitor = (
  model: ModelName,
  options: { onMessage?(topic: string, payload: Uint8Array): void } = {},
) => {
  const settings = { samplingSeconds: 30, readingsPerBatch: 1 };
  // In the evening, while there is something in the air.
  const startUnixMs = Date.UTC(2026, 10, 23, 18, 30);
  const world = new VirtualWorld({
    firmware,
    identity,
    seed: SEED,
    model,
    settings,
    startUnixMs,
    ...options,
  });
  world.keepReadings = true;
  world.world.powerOn();
  return world;
};
/** Names of what the last reading has. */
const measured = (world: VirtualWorld): string[] =>
  Object.entries(world.readings.at(-1)!.values).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
const given = (world: VirtualWorld, quantity: Quantity): number => world.readings.at(-1)!.values[quantity]!;

const PARTICLES = ["pm1", "pm2_5", "pm10", "nc0_5", "nc1", "nc2_5", "nc10"];
const ONE = [...PARTICLES, "co2", "temperature", "humidity", "vocRaw", "noxRaw"];

/** The first two in every run; all in `test:long`. */
const FAULTS = [
  ["PMS5003", "unplugged", PARTICLES, /PMS5003: connection lost/],
  ["SHT40", "wrong-crc", ["temperature", "humidity"], /SHT4x: /],
  ["PMS5003", "wrong-crc", PARTICLES, /PMS5003: /],
  ["S8", "unplugged", ["co2"], /S8: connection lost/],
  ["SGP41", "unplugged", ["vocRaw", "noxRaw"], /SGP41: connection lost/],
] as const;

describe("AirGradient ONE, whose real drivers talk with twins of its sensors", () => {
  it("measures the air that is there, carried from room to room", () => {
    const world = monitor("airgradient-one");
    const house = new HouseAir({ seed: SEED, unixMs: () => world.readings.at(-1)!.unixSeconds! * 1000 });
    for (const room of ["kitchen", "bedroom", "office"] as RoomName[]) {
      world.world.carryTo(room);
      world.run(3 * MINUTE);
      const air = house.in(room);
      expect(measured(world).sort(), room).toEqual([...ONE].sort());
      // Whole micrograms, and up to five seconds between what a sensor said and the reading.
      expect(Math.abs(given(world, "pm2_5") - air.pm2_5!), room).toBeLessThanOrEqual(1.5 + 0.05 * air.pm2_5!);
      expect(Math.abs(given(world, "co2") - air.co2!), room).toBeLessThanOrEqual(12);
      expect(Math.abs(given(world, "temperature") - air.temperature!), room).toBeLessThan(0.1);
      expect(Math.abs(given(world, "humidity") - air.humidity!), room).toBeLessThan(0.5);
    }
  });

  it("shows the one light on all eleven lamps", () => {
    const world = monitor("airgradient-one");
    expect(world.runUntilSight("pulse white", 10_000)).toBeDefined();
    expect(world.runUntilSight("solid blue", 30_000)).toBeDefined();
    world.world.change(({ routers }) => {
      routers[0]!.on = false;
    });
    expect(world.runUntilSight("solid white", 2 * MINUTE)).toBeDefined();
  });

  it.each(LONG ? FAULTS : FAULTS.slice(0, 2))(
    "%s %s: what it measures is silent and nothing else, until it is well again",
    (sensor, fault, gone, says) => {
      const world = monitor("airgradient-one");
      world.run(2 * MINUTE);
      expect(measured(world).sort()).toEqual([...ONE].sort());
      world.world.setSensorFault(sensor, fault, true);
      world.run(2 * MINUTE);
      expect(measured(world).sort()).toEqual(ONE.filter((each) => !gone.includes(each as never)).sort());
      expect(world.trace.findLast((line) => line.startsWith("warn device: sensor"))).toMatch(says);
      world.world.setSensorFault(sensor, fault, false);
      world.run(3 * MINUTE);
      expect(measured(world).sort()).toEqual([...ONE].sort());
      expect(world.trace.findLast((line) => line.startsWith("warn device: sensor"))).toContain("works again");
    },
  );

  it("keeps a fault that somebody made through a power cut", () => {
    const world = monitor("airgradient-one");
    world.world.setSensorFault("S8", "unplugged", true);
    world.run(2 * MINUTE);
    world.cutPower();
    world.run(1_000);
    world.world.powerOn();
    world.run(2 * MINUTE);
    expect(measured(world).sort()).toEqual(ONE.filter((each) => each !== "co2").sort());
  });
});

describe("The watchdog beside the chip", () => {
  it("is fed once a minute in normal work, also without a network, and does not bite", () => {
    const world = monitor("airgradient-one");
    world.run(10 * MINUTE);
    world.world.change(({ routers }) => {
      routers[0]!.on = false;
    });
    world.run(20 * MINUTE);
    const watchdog = world.world.watchdog!;
    expect(watchdog.fed).toBeGreaterThanOrEqual(30);
    expect(watchdog.bites).toBe(0);
  });

  it("is starved by a machine that hangs where the chip's own watchdog does not bite, and brings the board back", () => {
    const world = monitor("airgradient-one");
    world.run(10 * MINUTE);
    const watchdog = world.world.watchdog!;
    const { fed } = watchdog;
    world.failBoard("stuck");
    world.run(3 * MINUTE);
    expect([watchdog.fed, watchdog.bites, world.isFailed]).toEqual([fed, 0, true]);
    world.run(3 * MINUTE);
    expect([watchdog.bites, world.isFailed]).toEqual([1, false]);
    expect(world.trace).toContain(
      "info device: simulated AirGradient ONE, firmware 0.1.0, boot 2 after power-on",
    );
    expect(world.runUntilSight("solid blue", MINUTE)).toBeDefined();
    world.run(10 * MINUTE);
    expect(watchdog.bites).toBe(1);
  });

  it("is what the difference is: a board without one hangs until somebody pulls the plug", () => {
    const world = monitor("sen66-kit");
    world.run(2 * MINUTE);
    world.failBoard("stuck");
    world.run(20 * MINUTE);
    expect(world.isFailed).toBe(true);
  });
});

describe("Other monitors", () => {
  it("AirGradient Open Air has temperature and humidity of its PMS5003T", () => {
    const world = monitor("airgradient-open-air");
    world.run(3 * MINUTE);
    expect(measured(world)).toEqual(
      expect.arrayContaining(["pm2_5", "co2", "temperature", "humidity", "vocRaw"]),
    );
    expect(world.trace.join("\n")).not.toContain("SHT4x");
  });

  it("a SEN66 alone has CO₂ and both indices", () => {
    const world = monitor("sen66-kit");
    world.run(3 * MINUTE);
    expect(measured(world)).toEqual(
      expect.arrayContaining(["pm1", "pm2_5", "pm4", "pm10", "co2", "temperature", "humidity", "voc", "nox"]),
    );
  });

  it("a SEN55 has no CO₂, and sends none", () => {
    const world = monitor("sen55");
    world.run(3 * MINUTE);
    expect(measured(world)).toContain("voc");
    expect(measured(world)).not.toContain("co2");
  });
});
