import { beforeAll, expect, test } from "vitest";
import { lost } from "../../sim/virtual/fault-run";
import { VirtualWorld } from "../../sim/virtual/virtual-world";
import { buildFirmware } from "../support/firmware";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

/** A world, online, that notes its boots. */
function online(): { world: VirtualWorld; boots: number[] } {
  const world = new VirtualWorld({ ...built, seed: 5 });
  const boots: number[] = [];
  world.onTrace = (line) => {
    if (line.includes(", boot ")) boots.push(world.time.now());
  };
  world.world.powerOn();
  expect(world.runUntilSight("solid blue", MINUTE_MS)).toBeDefined();
  return { world, boots };
}

test("A day without a router, and six hours without internet, restart nothing", () => {
  const { world, boots } = online();
  world.world.change(({ routers }) => {
    routers[0]!.on = false;
  });
  world.run(24 * HOUR_MS);
  world.world.change(({ routers, gateway }) => {
    routers[0]!.on = true;
    gateway.internet = false;
  });
  const anew: string[] = [];
  const note = world.onTrace;
  world.onTrace = (line) => {
    note(line);
    if (line.includes("joining anew")) anew.push(line);
  };
  world.run(6 * HOUR_MS);
  expect(anew.length).toBeGreaterThanOrEqual(10);
  world.world.change(({ gateway }) => {
    gateway.internet = true;
  });
  expect(world.runUntilSight("solid blue", 7 * MINUTE_MS)).toBeDefined();
  world.run(10 * MINUTE_MS);
  expect(lost(world)).toEqual([]);
  expect(boots).toHaveLength(1);
});

test("A radio that hangs restarts the device, at most every three hours, and no reading is lost", () => {
  const { world, boots } = online();
  world.world.room.radioHangs = true;
  world.world.room.disassociate();
  world.run(10 * HOUR_MS);
  expect(boots.length).toBeGreaterThanOrEqual(3);
  expect(boots.length).toBeLessThanOrEqual(5);
  for (const [i, at] of boots.entries()) if (i > 1) expect(at - boots[i - 1]!).toBeGreaterThan(3 * HOUR_MS);
  world.world.room.radioHangs = false;
  expect(world.runUntilSight("solid blue", 8 * MINUTE_MS)).toBeDefined();
  world.run(10 * MINUTE_MS);
  expect(lost(world)).toEqual([]);
});
