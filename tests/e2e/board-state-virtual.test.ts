// What the simulated board tells of the firmware's state, whatever the log is turned down to.
import { beforeAll, expect, test } from "vitest";
import { hopsOf } from "../../sim/live/hops";
import type { HopName } from "../../sim/live/protocol";
import { type VirtualWorld, VirtualWorld as World } from "../../sim/virtual/virtual-world";
import type { BoardState } from "../../sim/world/board-state";
import { homeRouter } from "../../sim/world/router";
import { buildFirmware } from "../support/firmware";

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

function open(): { world: VirtualWorld; told: BoardState[]; hop(name: HopName): string } {
  const told: BoardState[] = [];
  const world = new World({
    ...built,
    seed: 3,
    settings: { logLevel: "error" },
    onState: (state) => told.push(state),
  });
  const hop = (name: HopName): string => {
    const { state, reason } = hopsOf(told.at(-1)!)[name];
    return reason === undefined ? state : `${state} ${reason}`;
  };
  return { world, told, hop };
}

test("With the log at errors alone the way to the broker is told as fully", () => {
  const { world, told, hop } = open();
  world.world.powerOn();
  world.run(60_000);
  expect(world.trace.filter((line) => !line.startsWith("error"))).toEqual([]);
  expect(told.map(({ status }) => status)).toEqual(expect.arrayContaining(["joining", "online"]));
  expect(Object.values(hopsOf(told.at(-1)!)).map(({ state }) => state)).toEqual(Array(6).fill("good"));

  world.world.change(({ gateway }) => {
    gateway.internet = false;
  });
  world.broker.crash();
  world.run(3 * 60_000);
  expect(hop("internet")).toBe("failed no-internet");
  expect(hop("router")).toBe("good");
  expect(hop("broker")).toBe("idle");

  world.world.change(({ gateway }) => {
    gateway.internet = true;
  });
  world.run(60_000);
  expect(hop("internet")).toBe("good");
  expect(hop("broker")).toBe("good");

  world.world.change(({ routers }) => {
    routers.splice(0, 1, homeRouter({ password: "battery staple" }));
  });
  world.run(60_000);
  expect(hop("router")).toBe("failed wrong-password");
  expect(world.trace.filter((line) => !line.startsWith("error"))).toEqual([]);
});

test("A time that is not given is told while the cloud is reached, and no longer once it is given", () => {
  const { world, told, hop } = open();
  const [router] = world.world.routers;
  world.world.change(() => {
    router!.blockedPorts = [123];
  });
  world.world.powerOn();
  world.run(2 * 60_000);
  expect(told.at(-1)?.link).toBe("up");
  expect(hop("sntp")).toBe("warning sntp-blocked");
  world.world.change(() => {
    router!.blockedPorts = [];
  });
  world.run(60 * 60_000);
  expect(hop("sntp")).toBe("good");
});

test("A power cut begins a new boot, and nobody is told of the one before", () => {
  const { world, told } = open();
  world.world.powerOn();
  world.run(30_000);
  void world.world.powerOff();
  const before = told.length;
  world.run(30_000);
  expect(told.length).toBe(before);
  world.world.powerOn();
  world.run(1_000);
  expect(told.slice(before).map(({ boot }) => boot)).not.toContain(1);
  expect(told.at(-1)).toMatchObject({ boot: 2, failures: 0 });
});

test("Another board in its place starts from the factory's image, and waits for a phone", async () => {
  const { world, told } = open();
  world.world.powerOn();
  world.run(60_000);
  await world.world.powerOff();
  world.renew();
  world.world.powerOn();
  world.run(10_000);
  expect(told.at(-1)?.status).toBe("setup");
});
