import { expect, test } from "vitest";
import { VirtualTime } from "../../../sim/virtual/virtual-time";
import { ROOM_REASONS, Room } from "../../../sim/world/room";
import { homeRouter, type Router } from "../../../sim/world/router";
import type { ToDevice } from "../../../sim/world/wire";
import type { AccessPointInfo, RadioConnectOptions } from "../../../wifi/radio";

const MAC = "02:00:5e:10:20:30";
const HOME: RadioConnectOptions = { ssid: "Home", password: "correct horse" };

function build(routers: Router[]) {
  const time = new VirtualTime();
  const told: ToDevice[] = [];
  const room = new Room({ routers, scheduler: time, send: (message) => told.push(message) });
  room.mac = MAC;
  const events = (): unknown[] =>
    told
      .splice(0)
      .filter(({ t }) => t !== "signal")
      .map((message) => (message.t === "radio" ? message.event : message));
  const join = (options: RadioConnectOptions): unknown[] => {
    room.take({ t: "join", options });
    time.run(10_000);
    return events();
  };
  return { time, room, told, events, join };
}

const failed = (reason: number): unknown => expect.objectContaining({ type: "disconnected", reason });

test("The right password gives an association and then an address", () => {
  const { room, join } = build([homeRouter()]);
  expect(join(HOME)).toEqual([
    { type: "associated", bssid: "02:00:5e:00:00:01", channel: 6 },
    expect.objectContaining({ type: "address", dns: ["192.168.50.1"] }),
  ]);
  expect(room.router?.ssid).toBe("Home");
});

test.each<[string, Partial<Router>, RadioConnectOptions, number]>([
  [
    "a wrong password",
    {},
    { ssid: "Home", password: "battery staple" },
    ROOM_REASONS.fourWayHandshakeTimeout,
  ],
  ["an unknown network", {}, { ssid: "Other" }, ROOM_REASONS.noApFound],
  ["a router that is off", { on: false }, HOME, ROOM_REASONS.noApFound],
  ["a 5 GHz router", { channel: undefined }, HOME, ROOM_REASONS.noApFound],
  ["a MAC filter", { macFilter: [] }, HOME, ROOM_REASONS.assocFail],
  ["an enterprise network", { security: "enterprise" }, HOME, ROOM_REASONS.noApWithCompatibleSecurity],
  ["no password for a locked network", {}, { ssid: "Home" }, ROOM_REASONS.noApWithCompatibleSecurity],
  ["WEP without the choice", { security: "wep" }, HOME, ROOM_REASONS.noApInAuthmodeThreshold],
])("Joining fails with ESP-IDF's number: %s", (_what, changes, options, reason) => {
  const { room, join } = build([homeRouter(changes)]);
  expect(join(options)).toEqual([failed(reason)]);
  expect(room.router).toBeUndefined();
});

test("The board hears how strong its router is when it joins and when that changes", () => {
  const router = homeRouter();
  const { room, told, time } = build([router]);
  room.take({ t: "join", options: HOME });
  time.run(10_000);
  router.rssi = -80;
  room.reconsider();
  expect(told.filter(({ t }) => t === "signal")).toEqual([
    { t: "signal", rssi: -52 },
    { t: "signal", rssi: -80 },
  ]);
});

test.each<[string, Partial<Router>, number]>([
  ["is switched off", { on: false }, ROOM_REASONS.noApFound],
  ["goes to 5 GHz", { channel: undefined }, ROOM_REASONS.noApFound],
  ["gets another password", { password: "battery staple" }, ROOM_REASONS.fourWayHandshakeTimeout],
])("Joining fails when the router %s before the board is associated", (_what, change, reason) => {
  const router = homeRouter();
  const { room, time, events } = build([router]);
  room.take({ t: "join", options: HOME });
  time.run(200);
  Object.assign(router, change);
  room.reconsider();
  time.run(10_000);
  expect(events()).toEqual([failed(reason)]);
  expect(room.router).toBeUndefined();
});

test("A person's choice admits a WPA-TKIP network", () => {
  const { join } = build([homeRouter({ security: "wpa" })]);
  expect(join({ ...HOME, least: 1 })[0]).toMatchObject({ type: "associated" });
});

test("Without DHCP there is an association and no address until DHCP answers", () => {
  const router = homeRouter({ dhcp: false });
  const { time, room, events, join } = build([router]);
  expect(join(HOME)).toHaveLength(1);
  router.dhcp = true;
  room.reconsider();
  time.run(1_000);
  expect(events()).toEqual([expect.objectContaining({ type: "address" })]);
});

test.each<[string, Partial<Router>, number]>([
  ["switched off", { on: false }, ROOM_REASONS.beaconTimeout],
  ["given another password", { password: "new" }, ROOM_REASONS.fourWayHandshakeTimeout],
  ["told to refuse the board", { macFilter: [] }, ROOM_REASONS.authLeave],
])("A router that is %s drops the board", (_what, change, reason) => {
  const router = homeRouter();
  const { time, room, events, join } = build([router]);
  join(HOME);
  Object.assign(router, change);
  room.reconsider();
  time.run(10_000);
  expect(events()).toEqual([failed(reason)]);
  expect(room.router).toBeUndefined();
});

test("Leaving says so once, and leaving again says nothing", () => {
  const { time, room, events, join } = build([homeRouter()]);
  join(HOME);
  room.take({ t: "leave" });
  room.take({ t: "leave" });
  time.run(1_000);
  expect(events()).toEqual([failed(ROOM_REASONS.assocLeave)]);
});

test("A scan shows what is on the air: no 5 GHz, no name of a hidden network unless it is asked for", () => {
  const { time, room, events } = build([
    homeRouter(),
    homeRouter({ ssid: "Five", channel: undefined }),
    homeRouter({ ssid: "Secret", hidden: true, channel: 11 }),
    homeRouter({ ssid: "Off", on: false }),
  ]);
  const scan = (ssid?: string): (string | undefined)[] => {
    room.take({ t: "scan", id: 1, ...(ssid && { ssid }) });
    time.run(5_000);
    return (events()[0] as { found: AccessPointInfo[] }).found.map((each) => each.ssid);
  };
  expect(scan()).toEqual(["Home", ""]);
  expect(scan("Secret")).toEqual(["Secret"]);
});

test("A board without power hears and says nothing", () => {
  const { time, room, events } = build([homeRouter()]);
  room.take({ t: "join", options: HOME });
  room.boardOff();
  time.run(10_000);
  expect(events()).toEqual([]);
  expect(room.router).toBeUndefined();
});

test("A repeater is joined like a router, and its address and its way out are those of the router that it repeats", () => {
  const main = homeRouter({ rssi: -70 });
  const repeater = homeRouter({ bssid: "02:00:5e:00:00:02", repeats: true, dhcp: false });
  const { room, join, events, time } = build([main, repeater]);
  expect(join(HOME)).toEqual([
    { type: "associated", bssid: repeater.bssid, channel: main.channel },
    expect.objectContaining({ type: "address" }),
  ]);
  expect([room.router, room.wayOut]).toEqual([repeater, main]);
  // Its beacon goes on, whatever is behind it.
  main.on = false;
  room.reconsider();
  time.run(60_000);
  expect([events(), room.router, room.wayOut]).toEqual([[], repeater, "nowhere"]);
  main.on = true;
  room.reconsider();
  expect(room.wayOut).toBe(main);
  repeater.on = false;
  room.reconsider();
  time.run(60_000);
  expect([events(), room.wayOut]).toEqual([[failed(ROOM_REASONS.beaconTimeout)], undefined]);
});

test.each<[string, Partial<Router>, Partial<Router>]>([
  ["has lost its router", { internet: false }, {}],
  ["has a router that is off", {}, { on: false }],
  ["has a router that hands out no addresses", {}, { dhcp: false }],
  ["knows an old password", { password: "an old horse" }, {}],
  ["has only another repeater", {}, { repeats: true }],
])("A repeater that %s gives no address, and does once it has one again", (_, own, others) => {
  const main = homeRouter({ rssi: -70, ...others });
  const repeater = homeRouter({ bssid: "02:00:5e:00:00:02", repeats: true, ...own });
  const { room, join, events, time } = build([main, repeater]);
  const options = { ...HOME, password: repeater.password!, bssid: repeater.bssid };
  expect(join(options)).toEqual([expect.objectContaining({ type: "associated" })]);
  Object.assign(main, { on: true, dhcp: true, repeats: false, password: repeater.password });
  repeater.internet = true;
  room.reconsider();
  time.run(1_000);
  expect(events()).toEqual([expect.objectContaining({ type: "address" })]);
});
