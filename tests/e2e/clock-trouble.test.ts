import { beforeAll, expect, test } from "vitest";
import { lost } from "../../sim/virtual/fault-run";
import { VirtualWorld, type VirtualWorldOptions } from "../../sim/virtual/virtual-world";
import { TIME_ADDRESSES } from "../../sim/world/names";
import { buildFirmware } from "../support/firmware";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

function started(options: Partial<VirtualWorldOptions> = {}): VirtualWorld {
  const world = new VirtualWorld({ ...built, seed: 11, ...options });
  world.keepReadings = true;
  return world;
}

/** All arrived, each with the right time or with boot and uptime. */
function expectDated(world: VirtualWorld): void {
  expect({ misdated: world.misdated, lost: lost(world) }, world.trace.slice(-40).join("\n")).toEqual({
    misdated: [],
    lost: [],
  });
}

const undated = (world: VirtualWorld): number =>
  world.readings.filter(({ unixSeconds }) => unixSeconds === undefined).length;

test("Readings taken before the first sync, over several boots, get their time once it is known", () => {
  const world = started();
  world.world.change(({ routers }) => {
    routers[0]!.on = false;
  });
  world.world.powerOn();
  world.run(2 * HOUR_MS);
  world.cutPower();
  world.run(3 * HOUR_MS);
  world.world.powerOn();
  world.run(HOUR_MS);
  world.world.change(({ routers }) => {
    routers[0]!.on = true;
  });
  expect(world.runUntilSight("solid blue", 10 * MINUTE_MS)).toBeDefined();
  world.run(10 * MINUTE_MS);
  expectDated(world);
  // Nobody can know when the first boot was.
  const firstBoot = world.readings.filter(({ boot }) => boot === 1);
  expect(firstBoot.length).toBeGreaterThanOrEqual(118);
  expect(undated(world)).toBe(firstBoot.length);
  expect(world.readings.length - undated(world)).toBeGreaterThan(60);
});

test("The boot of a reading is known although the power went before the boot's first line was out", () => {
  const world = started();
  world.faults.sntp = { fault: "silent" };
  world.world.powerOn();
  world.run(1);
  world.cutPower();
  expect(world.trace).toEqual([]);
  world.run(HOUR_MS);
  world.world.powerOn();
  world.run(10 * MINUTE_MS);
  expect(world.readings.filter(({ boot }) => boot === 1)).toHaveLength(1);
  expectDated(world);
});

test("The status says that the clock is an estimate, and then that it is synced, on one connection", () => {
  const clocks: string[] = [];
  const onMessage = (topic: string, payload: Uint8Array): void => {
    if (!topic.endsWith("/status")) return;
    clocks.push((JSON.parse(new TextDecoder().decode(payload)) as { clock: string }).clock);
  };
  const world = started({ onMessage });
  world.faults.sntp = { fault: "silent" };
  world.world.powerOn();
  expect(world.runUntilSight("solid blue", 5 * MINUTE_MS)).toBeDefined();
  world.run(10 * MINUTE_MS);
  expect(clocks).toEqual(["estimated"]);
  delete world.faults.sntp;
  world.run(3 * HOUR_MS);
  expect(clocks).toEqual(["estimated", "synced"]);
  expect(world.broker.connects).toBe(1);
});

test("While no time server answers, readings go out with boot and uptime; the first time that comes dates what is left", () => {
  const world = started();
  world.faults.sntp = { fault: "silent" };
  world.world.powerOn();
  expect(world.runUntilSight("solid blue", 5 * MINUTE_MS)).toBeDefined();
  world.run(HOUR_MS);
  expect(undated(world)).toBe(world.readings.length);
  expect(world.readings.length).toBeGreaterThan(50);
  delete world.faults.sntp;
  world.run(40 * MINUTE_MS);
  world.readings.length = 0;
  world.run(HOUR_MS);
  expect(undated(world)).toBe(0);
  expectDated(world);
});

for (const jumpMs of [-400 * DAY_MS, -HOUR_MS, -3_000, 3_000, HOUR_MS, 400 * DAY_MS])
  test(`A time server that jumps by ${jumpMs / 1000} s between two resyncs misdates no reading`, () => {
    const world = started();
    world.world.powerOn();
    world.run(HOUR_MS / 2);
    for (const address of TIME_ADDRESSES) {
      world.faults.sntpOf = { [address]: { lieMs: jumpMs } };
      world.run(3 * HOUR_MS);
    }
    delete world.faults.sntpOf;
    world.run(2 * HOUR_MS);
    expectDated(world);
    expect(undated(world)).toBe(0);
  });

test("Time servers that were wrong together are followed when they are right again, and later readings are right", () => {
  const world = started();
  world.faults.sntp = { lieMs: 7 * HOUR_MS };
  world.world.powerOn();
  world.run(HOUR_MS / 2);
  delete world.faults.sntp;
  world.run(2 * HOUR_MS);
  world.misdated.length = 0;
  world.run(2 * HOUR_MS);
  expectDated(world);
});

for (const [what, unixMs] of [
  ["2036, where NTP's seconds wrap", Date.UTC(2036, 1, 7, 6, 28, 16)],
  ["2038, where signed seconds wrap", Date.UTC(2038, 0, 19, 3, 14, 8)],
] as const)
  test(`Readings go through ${what} with the right time`, () => {
    const world = started({ startUnixMs: unixMs - 90 * MINUTE_MS });
    world.world.powerOn();
    world.run(4 * HOUR_MS);
    expectDated(world);
    expect(undated(world)).toBe(0);
    expect(world.readings.length).toBeGreaterThan(230);
  });

for (const [what, wrapMs] of [
  ["24.8 days, where the ticks turn negative", 2 ** 31],
  ["49.7 days, where they begin anew", 2 ** 32],
] as const)
  test(`At ${what}, light, keep-alive, sampling and time go on as before`, () => {
    const world = started({ ticksAtBoot: wrapMs - HOUR_MS });
    world.world.powerOn();
    expect(world.runUntilSight("solid blue", MINUTE_MS)).toBeDefined();
    world.run(10 * MINUTE_MS);
    const timers = world.firmwareTimers;
    const connects = world.broker.connects;
    for (let second = 0; second < 2 * 3_600; second++) {
      world.run(1_000);
      expect(world.sight).toBe("solid blue");
    }
    expect(world.broker.connects).toBe(connects);
    expect(world.firmwareTimers).toBeLessThanOrEqual(timers + 1);
    expectDated(world);
    // Also an outage right across the wrap.
    const late = started({ ticksAtBoot: wrapMs - 30 * MINUTE_MS });
    late.world.powerOn();
    late.run(20 * MINUTE_MS);
    late.world.change(({ gateway }) => {
      gateway.internet = false;
    });
    late.run(20 * MINUTE_MS);
    expect(late.sight).toBe("pulse blue");
    late.world.change(({ gateway }) => {
      gateway.internet = true;
    });
    expect(late.runUntilSight("solid blue", 7 * MINUTE_MS)).toBeDefined();
    late.run(6 * MINUTE_MS);
    expectDated(late);
  });

test("Time servers that are dead names lock no device out that had no power until its broker had a new certificate", () => {
  const world = started({ settings: { sntpServers: ["time.gone.example", "203.0.113.99"] } });
  world.world.powerOn();
  expect(world.runUntilSight("solid blue", 5 * MINUTE_MS)).toBeDefined();
  world.cutPower();
  world.run(400 * DAY_MS);
  world.brokerValidity = { fromMs: world.unixMs - DAY_MS, untilMs: world.unixMs + 800 * DAY_MS };
  world.world.powerOn();
  expect(world.runUntilSight("solid blue", 15 * MINUTE_MS), world.trace.slice(-40).join("\n")).toBeDefined();
  world.run(10 * MINUTE_MS);
  expectDated(world);
});
