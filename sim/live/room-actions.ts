import { factsOf, type ModelName } from "../models/names";
import type { World } from "../world/world";
import type { Action, State } from "./protocol";
import { changeRouter, hotspot, MOST_ROUTERS } from "./routers";

/** What a person does to things of the room, the power and the phone aside. */
export type RoomAction = Extract<
  Action,
  { do: "router" | "add-router" | "remove-router" | "internet" | "sensor" | "carry" }
>;

/** @returns why it cannot be done. `model`: absent: a board of no make */
export function actInRoom(
  world: World,
  action: RoomAction,
  model: ModelName | undefined,
): string | undefined {
  switch (action.do) {
    case "router": {
      const router = world.routers[action.index];
      if (!router) return "there is no such router";
      world.change(() => changeRouter(router, action.change, world.room.mac));
      break;
    }
    case "add-router":
      if (world.routers.length >= MOST_ROUTERS) return "the room is full";
      world.change(() => world.routers.push(hotspot(world.routers)));
      break;
    case "remove-router":
      if (!world.routers[action.index]) return "there is no such router";
      world.change(() => world.routers.splice(action.index, 1));
      break;
    case "internet":
      world.change(({ gateway }) => {
        gateway.internet = action.on;
      });
      break;
    case "sensor":
      if (!model || !factsOf(model).sensors.includes(action.sensor)) return "this board has no such sensor";
      world.setSensorFault(action.sensor, action.fault, action.on);
      break;
    case "carry":
      if (!model) return "this board's sensor is in no room: npm start -- --board";
      world.carryTo(action.room);
  }
  return undefined;
}

/** What the page shows of a board with sensors of its own. */
export function boardState(model: ModelName, world: World): State["board"] {
  const { title, sensors } = factsOf(model);
  return {
    title,
    room: world.standsIn ?? "kitchen",
    sensors: sensors.map((name) => ({
      name,
      faults: world.sensorFaults.flatMap(({ sensor, fault }) => (sensor === name ? [fault] : [])),
    })),
    ...(world.watchdog && { watchdog: { fed: world.watchdog.fed, bites: world.watchdog.bites } }),
  };
}
