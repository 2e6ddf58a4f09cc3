import { VirtualWorld } from "../../../sim/virtual/virtual-world";
import type { buildFirmware } from "../../../tests/support/firmware";

type Built = Awaited<ReturnType<typeof buildFirmware>>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Erase cycles that makers of NOR flash promise for a sector (Winbond W25Q32JV data sheet: 100,000). */
const CYCLES = 100_000;

export interface FlashWear {
  readonly bytesPerDay: number;
  readonly erasesPerDay: number;
  /** Most and fewest erases of a sector. */
  readonly most: number;
  readonly fewest: number;
  readonly years: number;
}

/** What a year of quiet days writes into the journal's partition. */
export function flashWear(built: Built, days: number): FlashWear {
  const world = new VirtualWorld({ ...built, seed: 1 });
  world.world.powerOn();
  world.run(DAY_MS);
  const { programmedBytes, erases } = world.flash.counts;
  world.run(days * DAY_MS);
  const erasesPerDay = (world.flash.counts.erases - erases) / days;
  const sectors = world.flash.erases.length;
  return {
    bytesPerDay: (world.flash.counts.programmedBytes - programmedBytes) / days,
    erasesPerDay,
    most: Math.max(...world.flash.erases),
    fewest: Math.min(...world.flash.erases),
    years: (CYCLES * sectors) / erasesPerDay / 365.25,
  };
}

/** Seconds from the router's return to solid blue (CONNACK), sorted, one for each seed. */
export function routerBack(built: Built, awayMs: number, seeds: number): number[] {
  const times: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const world = new VirtualWorld({ ...built, seed });
    world.world.powerOn();
    world.run(2 * MINUTE_MS);
    const setRouter = (on: boolean): void =>
      world.world.change(({ routers }) => {
        routers[0]!.on = on;
      });
    setRouter(false);
    world.run(awayMs);
    setRouter(true);
    const start = world.time.now();
    world.time.runUntil(() => world.link.acceptedSince !== undefined, 15 * MINUTE_MS);
    times.push((world.time.now() - start) / 1_000);
  }
  return times.sort((a, b) => a - b);
}
