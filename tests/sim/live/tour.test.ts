import { expect, test } from "vitest";
import { Progress } from "../../../sim/live/progress";
import type { Message } from "../../../sim/live/protocol";
import { changeRouter, hotspot } from "../../../sim/live/routers";
import { findScene, mend, passwordsOf, TOUR } from "../../../sim/live/tour";
import { Weather } from "../../../sim/live/weather";
import { SCENARIOS } from "../../../sim/scenes/scenarios";
import { UPDATE_SCENES } from "../../../sim/scenes/update-scenes";
import { SeededRandom } from "../../../sim/virtual/virtual-time";
import { homeRouter } from "../../../sim/world/router";
import { board } from "../../support/board-state";
import { updateState } from "../../tools/release/support";

const MAC = "02:00:5e:10:20:30";

const telemetry = (count: number): Message => ({
  n: 1,
  unixMs: 1,
  topic: "telemetry",
  from: "device",
  bytes: 1,
  hex: "",
  text: "",
  readings: Array.from({ length: count }, (_, i) => ({ epoch: "00000001", seq: 1 + i, values: {} })),
});

test("Every scene of the command line is a step of the tour, and every light of the table", () => {
  const ids = TOUR.map(({ id }) => id);
  const names = [...SCENARIOS, ...UPDATE_SCENES].map(({ name }) => name);
  expect(ids).toEqual(expect.arrayContaining(names));
  expect(new Set(ids).size).toBe(ids.length);
  const lights = TOUR.filter(({ group }) => group === "The light").map(({ goal }) => goal.sight);
  expect(lights).toEqual(["pulse yellow", "pulse white", "pulse blue", "solid blue", "solid white"]);
});

test("A step is done once both the firmware's reason and the light have been seen, in this order", () => {
  const progress = new Progress(findScene("wrong-password")!);
  progress.saw("solid white");
  progress.state(board({ status: "offline", join: { reason: "wrong-password" } }));
  expect(progress.isDone(0)).toBe(false);
  progress.saw("solid white");
  expect(progress.isDone(0)).toBe(true);
});

test("The power cut's step pulls the plug once the cloud has a reading, and ends when none is missing after it", () => {
  const progress = new Progress(findScene("power-cut")!);
  progress.state(board({ status: "online" }));
  expect(progress.wants).toBeUndefined();
  progress.message(telemetry(1));
  progress.saw("solid blue");
  expect(progress.wants).toBe("power-cut");
  progress.asked = true;
  // Once is enough, however long the board takes to start.
  expect(progress.wants).toBeUndefined();
  expect(progress.isDone(0)).toBe(false);
  progress.state(board({ boot: 2, status: "online" }));
  progress.message(telemetry(1));
  progress.saw("solid blue");
  expect(progress.isDone(1)).toBe(false);
  expect(progress.isDone(0)).toBe(true);
});

test("The cloud's step sends a command, and ends with its result", () => {
  const progress = new Progress(findScene("two-ways")!);
  progress.state(board({ status: "online" }));
  progress.message(telemetry(1));
  expect(progress.wants).toBe("command");
  progress.saw("solid blue");
  progress.message({ ...telemetry(0), topic: "command/result" });
  expect(progress.isDone(0)).toBe(true);
});

test("Putting it right makes each scene's router one that the device joins", () => {
  for (const scene of TOUR) {
    const routers = scene.routers(MAC);
    mend(routers, passwordsOf(scene.networks), MAC);
    for (const router of routers) {
      expect(router, scene.id).toMatchObject({ on: true, dhcp: true, internet: true, blockedPorts: [] });
      expect(router.macFilter ?? [MAC], scene.id).toContain(MAC);
      const told = scene.networks.find(({ ssid }) => ssid === router.ssid);
      if (told) expect(router.password, scene.id).toBe(told.password);
    }
  }
});

test("There is something to put right after each scene with a fault, and only then", () => {
  const mends = TOUR.filter((scene) => scene.mends).map(({ id }) => id);
  const faults = SCENARIOS.filter(({ reason }) => reason !== undefined).map(({ name }) => name);
  expect(mends).toEqual(expect.arrayContaining([...faults, "firewall-443", "led-offline"]));
  for (const id of ["setup", "success", "hotspot", "mac-listed", "power-cut", "power-cycle"])
    expect(mends).not.toContain(id);
});

test("The router is power-cycled once the device has said what is wrong, and the light must turn blue after it", () => {
  const progress = new Progress(findScene("power-cycle")!);
  progress.state(board({ status: "connecting" }));
  progress.saw("solid blue");
  expect(progress.wants).toBeUndefined();
  progress.state(
    board({ status: "connecting", fault: { reason: "no-internet", detail: "connect-timeout" } }),
  );
  expect(progress.wants).toBe("power-cycle");
  progress.asked = true;
  expect(progress.wants).toBeUndefined();
  expect(progress.isDone(0)).toBe(false);
  progress.saw("solid blue");
  expect(progress.isDone(0)).toBe(true);
});

test("A release is sent once the device is online, and the scene ends with what the device says of that release", () => {
  const progress = new Progress(findScene("update-crashes")!);
  progress.state(board({ status: "online" }));
  expect(progress.wants).toBeUndefined();
  progress.message(telemetry(1));
  expect(progress.wants).toBe("release");
  progress.asked = true;
  progress.saw("solid blue");
  progress.updated(updateState({ state: "rolled-back", release: 3 }));
  progress.sent(4);
  progress.updated(updateState({ state: "rolled-back", release: 3 }));
  progress.updated(updateState({ state: "trial", release: 4, running: 4 }));
  expect(progress.isDone(0)).toBe(false);
  progress.updated(updateState({ state: "rolled-back", release: 4 }));
  expect(progress.isDone(0)).toBe(true);
});

test("A router takes each change that a person makes", () => {
  const router = homeRouter();
  changeRouter(router, { macFilter: "refuses" }, MAC);
  expect(router.macFilter).not.toContain(MAC);
  changeRouter(router, { macFilter: "admits" }, MAC);
  expect(router.macFilter).toContain(MAC);
  changeRouter(router, { channel: null }, MAC);
  expect(router.channel).toBeUndefined();
  changeRouter(router, { port: 53, blocked: true }, MAC);
  changeRouter(router, { port: 53, blocked: true }, MAC);
  expect(router.blockedPorts).toEqual([53]);
  changeRouter(router, { security: "open" }, MAC);
  expect(router).not.toHaveProperty("password");
  changeRouter(router, { security: "wpa2" }, MAC);
  expect(router.password).toBeTruthy();
  expect(hotspot([router]).bssid).not.toBe(router.bssid);
});

test("A day of weather has outages of every kind, one at a time, and the same with the same seed", () => {
  const day = (seed: number) => {
    const weather = new Weather(new SeededRandom(seed), 0);
    const events = [];
    for (let now = 0; now < 24 * 3_600_000; now += 1_000) {
      const event = weather.next(now);
      if (event) events.push(event);
    }
    return events;
  };
  const events = day(5);
  expect(new Set(events.map(({ kind }) => kind)).size).toBe(4);
  events.forEach((event, i) => {
    expect(event.on).toBe(i % 2 === 1);
    if (event.on) expect(event.kind).toBe(events[i - 1]!.kind);
  });
  expect(day(5)).toEqual(events);
});
