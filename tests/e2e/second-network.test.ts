import { beforeAll, expect, test } from "vitest";
import type { InternetFaults } from "../../sim/virtual/virtual-internet";
import { VirtualWorld } from "../../sim/virtual/virtual-world";
import { homeRouter, type Router } from "../../sim/world/router";
import { buildFirmware } from "../support/firmware";
import { SEED } from "../support/volume";

const MINUTE_MS = 60_000;
const HOME = { ssid: "Home", password: "correct horse" };
const SPARE = { ssid: "Spare", password: "battery staple" };
const CAFE = { ssid: "Café" };

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

/** Online at home, with another saved network in reach. */
function online(other: Partial<Router>): { world: VirtualWorld; home: Router; at: () => string | undefined } {
  const home = homeRouter();
  const routers = [home, homeRouter({ bssid: "02:00:5e:00:00:02", channel: 1, rssi: -60, ...other })];
  const world = new VirtualWorld({ ...built, seed: SEED, routers, networks: [HOME, SPARE, CAFE] });
  world.world.powerOn();
  expect(world.runUntilSight("solid blue", MINUTE_MS)).toBeDefined();
  return { world, home, at: () => world.world.room.router?.ssid };
}

test("A network without internet yields to another saved one within minutes, and is gone back to when it has it again", () => {
  const { world, home, at } = online(SPARE);
  world.world.change(() => {
    home.internet = false;
  });
  world.run(5 * MINUTE_MS);
  expect([at(), world.sight]).toEqual(["Spare", "solid blue"]);
  world.world.change(() => {
    home.internet = true;
  });
  world.run(15 * MINUTE_MS);
  expect([at(), world.sight]).toEqual(["Home", "solid blue"]);
});

test("It yields to none that is less protected, however long", () => {
  const { world, home, at } = online({ ssid: "Café", security: "open", password: undefined as never });
  world.world.change(() => {
    home.internet = false;
  });
  world.run(60 * MINUTE_MS);
  expect([at(), world.sight]).toEqual(["Home", "pulse blue"]);
});

test.each<[string, InternetFaults]>([
  ["refuses connections", { brokerTls: "reset" }],
  ["shows a certificate that has expired", { brokerTls: "expired" }],
  ["shows a new authority, on both ports", { brokerTls: "unknown-ca", webTls: "unknown-ca" }],
  ["says nothing, on any port", { brokerTls: "silent", webTls: "silent" }],
])("No network is left for a cloud that %s", (_, faults) => {
  const { world, at } = online(SPARE);
  Object.assign(world.faults, faults);
  world.broker.crash();
  for (let minute = 0; minute < 28; minute++) {
    world.run(MINUTE_MS);
    expect(at()).toBe("Home");
  }
});
