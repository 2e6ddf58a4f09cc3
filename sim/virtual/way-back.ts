import { VirtualWorld, type VirtualWorldOptions } from "./virtual-world";

const MINUTE_MS = 60_000;
/** Outages are up to a third longer than said, and by no more than this: no schedule is to beat time with them. */
const LONGER_MS = MINUTE_MS;

/** What is away, and is brought back. */
export const OUTAGES = {
  router: {
    what: "router off and on again",
    away: ({ world }: VirtualWorld, away: boolean): void =>
      world.change(({ routers }) => {
        for (const router of routers) router.on = !away;
      }),
  },
  internet: {
    what: "line dead behind the router",
    away: ({ world }: VirtualWorld, away: boolean): void =>
      world.change(({ gateway }) => {
        gateway.internet = !away;
      }),
  },
  cable: {
    what: "router without its line, and says so",
    away: ({ world }: VirtualWorld, away: boolean): void =>
      world.change(({ routers }) => {
        for (const router of routers) router.internet = !away;
      }),
  },
  broker: {
    what: "broker down, and refuses",
    away: ({ broker }: VirtualWorld, away: boolean): void => {
      broker.faults.down = away;
      if (away) broker.crash();
    },
  },
} as const;
export type Outage = keyof typeof OUTAGES;

/**
 * How long after `outage` has ended the light is solid blue again, ms: the moment from which it stays so, not the one at
 * which an observer is sure of it. `undefined`: not within ten minutes.
 */
export function wayBack(options: VirtualWorldOptions, outage: Outage, awayMs: number): number | undefined {
  const world = new VirtualWorld(options);
  world.world.powerOn();
  if (world.runUntilSight("solid blue", MINUTE_MS) === undefined) return undefined;
  world.run(2 * MINUTE_MS + world.random.below(2 * MINUTE_MS));
  OUTAGES[outage].away(world, true);
  world.run(awayMs + world.random.below(Math.min(awayMs / 3, LONGER_MS)));
  OUTAGES[outage].away(world, false);
  const start = world.time.now();
  // A short one may not be noticed at all.
  world.run(1);
  for (let i = 0; i < 10; i++) {
    if (
      world.link.acceptedSince === undefined &&
      world.runUntilSight("solid blue", 10 * MINUTE_MS) === undefined
    )
      return undefined;
    const since = world.link.acceptedSince;
    world.run(80_000);
    if (since !== undefined && world.link.acceptedSince === since) return Math.max(0, since - start);
  }
  return undefined;
}
