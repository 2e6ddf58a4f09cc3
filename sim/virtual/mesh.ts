import type { Network } from "../../wifi/network";
import { homeRouter, type Router } from "../world/router";
import { lost } from "./fault-run";
import { LightReferee } from "./light-referee";
import { VirtualWorld, type VirtualWorldOptions } from "./virtual-world";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NODES = 5;
/** Each node goes away so often, for so long at most. */
const BETWEEN_OUTAGES_MS = 6 * HOUR_MS;
const LONGEST_OUTAGE_MS = HOUR_MS;
/** A node this near to the best is as good as it. */
const NEAR_DB = 10;

export interface MeshOutcome {
  /** Of the time: on a node that is within 10 dB of the best on the air. */
  readonly near: number;
  /** From one node to another, an hour. */
  readonly movesAnHour: number;
  readonly outages: number;
  readonly lost: readonly string[];
  readonly violations: readonly string[];
}

/** So many days in a house with a mesh of five nodes, any of which is away now and then. */
export function runMesh(options: VirtualWorldOptions, days: number): MeshOutcome {
  const routers: Router[] = [];
  const networks: Network[] = [{ ssid: "Home", password: "correct horse" }];
  const world = new VirtualWorld({ ...options, networks, routers });
  const { random } = world;
  for (let node = 0; node < NODES; node++)
    routers.push(
      homeRouter({
        bssid: `02:00:5e:00:02:0${node}`,
        channel: [1, 6, 11][node % 3]!,
        rssi: -45 - random.below(40),
      }),
    );
  const referee = new LightReferee(world);
  world.world.powerOn();
  let near = 0;
  let looks = 0;
  let moves = 0;
  let outages = 0;
  let on: string | undefined;
  const away = new Map<Router, number>();
  for (let second = 0; second < (days * 24 * HOUR_MS) / SECOND_MS; second++) {
    world.run(SECOND_MS);
    referee.look();
    const now = world.time.now();
    for (const router of routers) {
      const back = away.get(router);
      if (back === undefined && random.below(BETWEEN_OUTAGES_MS / SECOND_MS) === 0) {
        outages++;
        away.set(router, now + random.below(LONGEST_OUTAGE_MS));
        world.world.change(() => {
          router.on = false;
        });
      } else if (back !== undefined && now >= back) {
        away.delete(router);
        world.world.change(() => {
          router.on = true;
        });
      }
    }
    const best = Math.max(...routers.filter((each) => each.on).map((each) => each.rssi));
    if (best === Number.NEGATIVE_INFINITY) continue;
    looks++;
    const here = world.world.room.router;
    if (here?.on && here.rssi >= best - NEAR_DB) near++;
    if (here && on !== undefined && here.bssid !== on) moves++;
    on = here?.bssid ?? on;
  }
  for (const router of routers) router.on = true;
  world.world.change(() => {});
  world.run(10 * MINUTE_MS);
  return {
    near: near / looks,
    movesAnHour: moves / (days * 24),
    outages,
    lost: lost(world),
    violations: referee.violations,
  };
}
