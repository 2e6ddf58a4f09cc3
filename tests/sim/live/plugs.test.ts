import { beforeEach, expect, test } from "vitest";
import { putRight, turnRouters, turnSupply } from "../../../sim/live/plugs";
import { actInRoom } from "../../../sim/live/room-actions";
import { homeRouter, type Router } from "../../../sim/world/router";
import type { World } from "../../../sim/world/world";

/** What of a world is touched. */
class Room {
  routers: Router[] = [homeRouter()];
  gateway = { internet: true };
  room = { mac: "02:00:5e:10:20:30" };
  isOn = true;
  change(what: (world: Room) => void): void {
    what(this);
  }
  powerOn(): void {
    this.isOn = true;
  }
}

let room: Room;
let brokers: boolean[];
const stage = (broker?: boolean) => ({
  world: room as unknown as World,
  broker,
  setBroker: async (on: boolean) => void brokers.push(on),
});
const act = (action: Parameters<typeof actInRoom>[1]) =>
  actInRoom(room as unknown as World, action, undefined);

beforeEach(() => {
  room = new Room();
  brokers = [];
});

test("Each supply goes and comes back, and the others stay", () => {
  turnSupply(stage(true), "internet", false);
  expect([room.gateway.internet, room.routers[0]!.on]).toEqual([false, true]);
  turnSupply(stage(true), "router", false);
  turnSupply(stage(true), "internet", true);
  expect([room.gateway.internet, room.routers[0]!.on]).toEqual([true, false]);
  turnSupply(stage(true), "broker", false);
  expect(brokers).toEqual([false]);
  room.isOn = false;
  turnSupply(stage(true), "power", true);
  expect(room.isOn).toBe(true);
});

test("A router that is switched off and on has its cable again", () => {
  room.routers[0]!.internet = false;
  turnRouters(room as unknown as World, false);
  expect(room.routers[0]!.on).toBe(false);
  turnRouters(room as unknown as World, true);
  expect(room.routers[0]).toMatchObject({ on: true, internet: true });
});

test("Put right means internet, broker, power and routers; a broker that runs is left alone", async () => {
  turnRouters(room as unknown as World, false);
  Object.assign(room.routers[0]!, { rssi: -95, password: "changed" });
  room.gateway.internet = false;
  room.isOn = false;
  await putRight(stage(false), [{ ssid: "Home", password: "correct horse" }]);
  expect(brokers).toEqual([true]);
  expect([room.isOn, room.gateway.internet]).toEqual([true, true]);
  expect(room.routers[0]).toMatchObject({ on: true, internet: true, rssi: -60, password: "correct horse" });
  await putRight(stage(true), []);
  expect(brokers).toHaveLength(1);
});

test("What cannot be done in the room is said, and nothing is changed", () => {
  const router = { do: "router", index: 7, change: { on: false } } as const;
  expect(act(router)).toBe("there is no such router");
  expect(act({ do: "remove-router", index: 1 })).toBe("there is no such router");
  expect(act({ do: "carry", room: "office" })).toContain("npm start -- --board");
  expect(act({ do: "sensor", sensor: "S8", fault: "unplugged", on: true })).toContain("no such sensor");
  expect(room.routers).toEqual([homeRouter()]);
});

test("A room holds four routers, and each can be taken away again", () => {
  for (let i = 0; i < 3; i++) expect(act({ do: "add-router" })).toBeUndefined();
  expect(act({ do: "add-router" })).toBe("the room is full");
  expect(new Set(room.routers.map(({ ssid }) => ssid)).size).toBe(4);
  for (let i = 0; i < 4; i++) expect(act({ do: "remove-router", index: 0 })).toBeUndefined();
  expect(room.routers).toEqual([]);
});
