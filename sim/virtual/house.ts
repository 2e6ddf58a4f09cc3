import { VirtualWorld, type VirtualWorldOptions } from "./virtual-world";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** By then all are online and steady. */
const BEGIN_MS = 2 * MINUTE_MS;
const WATCH_MS = MINUTE_MS;

export interface HouseOutcome {
  /** Requests to join that the router gets in each second, from the moment at which it is on the air again. */
  readonly joins: readonly number[];
  /** Devices that are online at the end. */
  readonly online: number;
}

/**
 * A house of devices behind one router, which throws all of them out at one moment (`awayMs` 0) or is off for so long.
 * Each lives in a world of its own, and what they have in common is the router's clock.
 */
export function runHouse(
  options: Omit<VirtualWorldOptions, "seed">,
  { devices, awayMs, seed }: { devices: number; awayMs: number; seed: number },
): HouseOutcome {
  const joins = Array.from({ length: WATCH_MS / SECOND_MS }, () => 0);
  let online = 0;
  for (let device = 0; device < devices; device++) {
    const world = new VirtualWorld({ ...options, seed: (seed * devices + device) >>> 0 });
    world.time.set(() => world.world.powerOn(), world.random.below(MINUTE_MS));
    world.run(BEGIN_MS);
    const set = (on: boolean): void =>
      world.world.change(({ routers }) => {
        routers[0]!.on = on;
      });
    if (awayMs > 0) set(false);
    world.run(awayMs);
    const back = world.time.now();
    const { board } = world.world;
    const take = board.onMessage;
    board.onMessage = (message) => {
      if (message.t === "join") {
        const second = Math.floor((world.time.now() - back) / SECOND_MS);
        if (second < joins.length) joins[second]!++;
      }
      take(message);
    };
    if (awayMs > 0) set(true);
    else world.world.room.disassociate();
    world.run(WATCH_MS);
    if (world.link.acceptedSince !== undefined) online++;
  }
  return { joins, online };
}
