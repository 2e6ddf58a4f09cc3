import type { Network } from "../../wifi/network";
import type { World } from "../world/world";
import type { OutageKind } from "./protocol";
import type { Stage } from "./stage";
import { mend, passwordsOf } from "./tour";

type Plugged = Pick<Stage, "world" | "broker" | "setBroker">;

/** The routers' own plugs, and the cables behind them. */
export function turnRouters(world: Pick<World, "change">, on: boolean): void {
  world.change(({ routers }) => {
    for (const router of routers) {
      router.on = on;
      router.internet = on;
    }
  });
}

/** Takes away what a device needs, or brings it back; the board's power is cut by whoever keeps its state. */
export function turnSupply(stage: Plugged, kind: OutageKind, on: boolean): void {
  const { world } = stage;
  switch (kind) {
    case "power":
      if (on) world.powerOn();
      break;
    case "broker":
      void stage.setBroker(on);
      break;
    case "internet":
      world.change(({ gateway }) => {
        gateway.internet = on;
      });
      break;
    case "router":
      world.change(({ routers }) => {
        for (const router of routers) router.on = on;
      });
  }
}

/** All that can be wrong between board and cloud is well. `networks`: what the device was told. */
export async function putRight(stage: Plugged, networks: readonly Network[]): Promise<void> {
  const { world } = stage;
  if (stage.broker === false) await stage.setBroker(true);
  world.change(({ routers, gateway }) => {
    gateway.internet = true;
    mend(routers, passwordsOf(networks), world.room.mac);
  });
  world.powerOn();
}
