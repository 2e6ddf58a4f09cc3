import { beforeAll, expect, test } from "vitest";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { TIME_ADDRESSES } from "../../sim/world/names";
import { buildFirmware } from "../support/firmware";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2029, 5, 1);
/** Of the broker's certificate, and of the authority. */
const VALID = { fromMs: Date.UTC(2029, 2, 1), untilMs: Date.UTC(2031, 2, 1) };
const TRUSTED_UNTIL_MS = Date.UTC(2056, 0, 1);

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

function started(seed: number, options: Partial<VirtualWorldOptions> = {}): VirtualWorld {
  const world = new VirtualWorld({
    ...built,
    seed,
    startUnixMs: START,
    trustedUntilMs: TRUSTED_UNTIL_MS,
    ...options,
  });
  world.keepReadings = true;
  world.brokerValidity = VALID;
  world.world.powerOn();
  world.run(2 * HOUR_MS);
  expect(world.sight).toBe("solid blue");
  return world;
}

const lie = (world: VirtualWorld, unixMs: number): void => {
  world.faults.sntp = { lieMs: unixMs - world.unixMs };
};
const restart = (world: VirtualWorld): void => {
  world.cutPower();
  world.run(MINUTE_MS);
  world.world.powerOn();
};
const isDisputed = (world: VirtualWorld): boolean =>
  world.trace.some((line) => line.includes("time-disputed"));
const stored = (world: VirtualWorld, key: string): number =>
  Number(world.storage.keyValue("aerolink").get(key));

/** What a consumer for whom the newest wins has of each reading. */
function latest(world: VirtualWorld): VirtualWorld["readings"] {
  return [...new Map(world.readings.map((reading) => [`${reading.epoch}:${reading.seq}`, reading])).values()];
}

test("Who controls the time servers cannot set the clock back below signed evidence, with or without a restart", () => {
  for (const restarts of [false, true]) {
    const world = started(3);
    lie(world, Date.UTC(2026, 11, 1));
    if (restarts) restart(world);
    world.run(3 * HOUR_MS);
    expect(isDisputed(world)).toBe(true);
    expect(stored(world, "lastUnix") * 1000).toBeGreaterThanOrEqual(START);
    expect(stored(world, "timeFloor") * 1000).toBe(VALID.fromMs);
    expect(world.misdated).toEqual([]);
    expect(world.sight).toBe("solid blue");
  }
});

test("After such a lie, a broker's certificate that expired before the newest signed evidence is not accepted", () => {
  const world = started(4);
  lie(world, Date.UTC(2026, 11, 1));
  world.brokerValidity = { fromMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2027, 5, 1) };
  restart(world);
  world.run(3 * HOUR_MS);
  expect(world.sight).toBe("pulse blue");
  expect(world.broker.connects).toBe(1);
});

test("A lie that signed evidence cannot refute is told, ends within 70 minutes of the truth, and its readings are corrected", () => {
  const world = started(5);
  lie(world, world.unixMs - 60 * DAY_MS);
  world.run(3 * HOUR_MS);
  expect(isDisputed(world)).toBe(true);
  delete world.faults.sntp;
  world.run(70 * MINUTE_MS);
  const before = world.misdated.length;
  world.run(HOUR_MS);
  expect(world.misdated).toHaveLength(before);
  const readings = latest(world);
  expect(readings.length).toBeGreaterThan(7 * 60);
  for (const { seq, unixSeconds } of readings)
    expect(Math.abs(unixSeconds! - START / 1000 - 60 * (seq - 1))).toBeLessThan(60);
  expect(stored(world, "lastUnix") * 1000).toBeGreaterThan(START + 6 * HOUR_MS);
});

for (const year of [2099, 2055])
  test(`A lie of ${year} does not outlast the liar although SNTP is blocked after it`, () => {
    const world = started(6);
    lie(world, Date.UTC(year, 11, 30));
    restart(world);
    world.run(20 * MINUTE_MS);
    expect(stored(world, "lastUnix") * 1000).toBeLessThan(START + DAY_MS);
    world.faults.sntp = { fault: "silent" };
    world.run(70 * MINUTE_MS);
    expect(world.sight).toBe("solid blue");
    // Nobody can say when the readings since the restart were taken.
    const late = world.readings.filter(({ boot }) => boot === 2);
    expect(late.length).toBeGreaterThan(60);
    expect(world.misdated).toEqual([]);
    restart(world);
    expect(world.runUntilSight("solid blue", 5 * MINUTE_MS)).toBeDefined();
    delete world.faults.sntp;
    world.run(HOUR_MS);
    expect(world.misdated).toEqual([]);
  });

test("Readings that a liar dated before a power cut lose their time when the truth comes after it", () => {
  const world = started(7);
  world.faults.brokerTls = "silent";
  lie(world, world.unixMs + 400 * DAY_MS);
  restart(world);
  world.run(3 * HOUR_MS);
  delete world.faults.sntp;
  restart(world);
  world.run(10 * MINUTE_MS);
  delete world.faults.brokerTls;
  world.run(HOUR_MS);
  expect(world.misdated).toEqual([]);
  expect(world.readings.filter(({ boot }) => boot === 2).length).toBeGreaterThan(150);
});

test("One server of three that answers and lies by a day is not followed, and it is told", () => {
  const world = started(8);
  world.faults.sntp = { fault: "silent" };
  world.faults.sntpOf = { [TIME_ADDRESSES[1]!]: { lieMs: DAY_MS } };
  world.run(5 * HOUR_MS);
  expect(isDisputed(world)).toBe(true);
  expect(world.misdated).toEqual([]);
});
