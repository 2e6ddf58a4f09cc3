// The models of other firmwares keep to the times that their sources name (sim/virtual/rivals/).
import { expect, test } from "vitest";
import { EspHome } from "../../../sim/virtual/rivals/esphome";
import { type Chip, type RivalFirmware, rivalBoard } from "../../../sim/virtual/rivals/rival-board";
import { Tasmota } from "../../../sim/virtual/rivals/tasmota";
import { VirtualWorld, type VirtualWorldOptions } from "../../../sim/virtual/virtual-world";
import { wayBack } from "../../../sim/virtual/way-back";
import { SEED } from "../../support/volume";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const FIRMWARES = {
  ESPHome: (chip: Chip) => new EspHome(chip, false),
  "ESPHome with its access point": (chip: Chip) => new EspHome(chip, true),
  Tasmota: (chip: Chip) => new Tasmota(chip),
};

function open(boot: (chip: Chip) => RivalFirmware, seed = SEED): VirtualWorld {
  const world = new VirtualWorld({
    firmware: undefined as never,
    identity: undefined,
    seed,
    board: (time, random) => rivalBoard(time, random, boot),
  });
  world.world.powerOn();
  return world;
}

function online(boot: (chip: Chip) => RivalFirmware): VirtualWorld {
  const world = open(boot);
  expect(world.runUntilSight("solid blue", MINUTE_MS)).toBeDefined();
  world.run(2 * MINUTE_MS);
  return world;
}

/** Seconds between one attempt to open a connection to the broker and the next. */
function delays(world: VirtualWorld, forMs: number): number[] {
  const at: number[] = [];
  world.broker.onAttempt = () => at.push(world.time.now());
  world.run(forMs);
  return at.slice(1).map((each, i) => Math.round((each - at[i]!) / SECOND_MS));
}

test.each(Object.entries(FIRMWARES))(
  "%s comes online, stays so, and comes back after a minute",
  (_, boot) => {
    const world = online(boot);
    const { acceptedSince } = world.link;
    world.run(60 * MINUTE_MS);
    expect(world.link.acceptedSince).toBe(acceptedSince);
    for (const outage of ["router", "internet", "cable", "broker"] as const) {
      const options: VirtualWorldOptions = {
        firmware: undefined as never,
        identity: undefined,
        seed: SEED,
        board: (time, random) => rivalBoard(time, random, boot),
      };
      const backMs = wayBack(options, outage, MINUTE_MS);
      expect(backMs, outage).toBeLessThan(75 * SECOND_MS);
    }
  },
);

test("ESPHome tries a broker that refuses each ten seconds, and restarts after a quarter of an hour without it", () => {
  const world = online(FIRMWARES.ESPHome);
  world.broker.faults.down = true;
  world.broker.crash();
  expect(new Set(delays(world, 5 * MINUTE_MS))).toEqual(new Set([10]));
  let restarts = 0;
  const { powerOn } = world.world.board;
  world.world.board.powerOn = (reason) => {
    restarts++;
    powerOn(reason);
  };
  world.run(9 * MINUTE_MS);
  expect(restarts).toBe(0);
  world.run(2 * MINUTE_MS);
  expect(restarts).toBe(1);
});

test("ESPHome looks for its network every four seconds, and each half minute once its own access point is open", () => {
  for (const [boot, least, most] of [
    [FIRMWARES.ESPHome, 3, 5],
    [FIRMWARES["ESPHome with its access point"], 30, 34],
  ] as const) {
    const world = online(boot);
    world.world.change(({ routers }) => {
      routers[0]!.on = false;
    });
    world.run(5 * MINUTE_MS);
    const at: number[] = [];
    const { board } = world.world;
    const take = board.onMessage;
    board.onMessage = (message) => {
      if (message.t === "join") at.push(world.time.now());
      take(message);
    };
    world.run(5 * MINUTE_MS);
    const between = at.slice(1).map((each, i) => (each - at[i]!) / SECOND_MS);
    expect(between.length).toBeGreaterThan(5);
    expect(Math.min(...between)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...between)).toBeLessThanOrEqual(most);
  }
});

test("Tasmota waits ten seconds more after each attempt that failed, up to two minutes", () => {
  const world = online(FIRMWARES.Tasmota);
  world.broker.faults.down = true;
  world.broker.crash();
  const seen = delays(world, 25 * MINUTE_MS);
  // The second in which it finds that the wait is over is one more.
  expect(seen.slice(0, 14)).toEqual([11, 21, 31, 41, 51, 61, 71, 81, 91, 101, 111, 121, 121, 121]);
});
