import { homeRouter, type Router } from "../../world/router";
import type { VirtualWorld } from "../virtual-world";
import { type Fault, RECOVERY_MS, repeating } from "./fault";

/** Changes the home router, and puts it back to how it was. */
function router(
  change: Partial<Router>,
  { rejoin = false }: { rejoin?: boolean } = {},
): Pick<Fault, "begin" | "end"> {
  const set = (world: VirtualWorld, values: Partial<Router>): void =>
    world.world.change(({ routers }) => {
      Object.assign(routers[0]!, values);
    });
  const home: Router = {
    ...homeRouter(),
    macFilter: undefined as never,
    signInPage: false,
    dhcpMs: undefined as never,
  };
  const before = Object.fromEntries(Object.keys(change).map((key) => [key, home[key as keyof Router]]));
  return {
    begin: (world) => {
      set(world, change);
      if (rejoin) world.world.room.disassociate();
    },
    end: (world) => {
      set(world, before);
      // A router that moved its channel or name has restarted.
      if ("channel" in change || "bssid" in change) world.world.room.disassociate();
    },
  };
}

/** The switch behind the router holds its port back after each association. */
function slowDhcp(): Pick<Fault, "begin" | "end"> {
  const slow = router({ dhcpMs: 30_000 });
  const drops = repeating(100_000, ({ world }) => world.room.disassociate(), slow.end);
  return {
    begin: (world) => {
      slow.begin(world);
      drops.begin(world);
    },
    end: drops.end,
  };
}

/** Other access points come on the air, and the device has to join anew; at the end they go. */
function others(routers: readonly Router[], change: Partial<Router> = {}): Pick<Fault, "begin" | "end"> {
  const own = router(change);
  return {
    begin: (world) => {
      own.begin(world);
      world.world.change(({ routers: all }) => all.push(...routers.map((each) => ({ ...each }))));
      world.world.room.disassociate();
    },
    end: (world) => {
      own.end(world);
      world.world.change(({ routers: all }) => {
        for (const { bssid } of routers)
          all.splice(
            all.findLastIndex((each) => each.bssid === bssid),
            1,
          );
      });
    },
  };
}

/**
 * A stronger repeater on the home router's channel, to which the device goes, and what befalls it there: `then`, half a
 * minute later.
 */
function repeater(
  id: number,
  changes: Partial<Router> = {},
  then?: Partial<Router>,
): Pick<Fault, "begin" | "end"> {
  const one = twin(id, { channel: 6, repeats: true, ...changes });
  const there = others([one], { bssid: "02:00:5e:00:00:02" });
  return {
    begin: (world) => {
      there.begin(world);
      if (!then) return;
      world.time.set(() => {
        const placed = world.world.routers.find(({ bssid }) => bssid === one.bssid);
        if (placed) world.world.change(() => Object.assign(placed, then));
      }, REPEATER_GOOD_MS);
    },
    end: there.end,
  };
}

/** An access point of the home network's name beside it, and stronger; `id`: its own in the room. */
function twin(id: number, changes: Partial<Router>): Router {
  const bssid = `02:00:5e:00:01:${id.toString(16).padStart(2, "0")}`;
  return homeRouter({ bssid, channel: 11, rssi: -40, ...changes });
}

const REPEATER_GOOD_MS = 30_000;

const NEIGHBOURS = Array.from({ length: 60 }, (_, i) =>
  twin(0x40 + i, { ssid: `Neighbour ${i}`, password: "none of ours", rssi: -30 - (i % 20) }),
);

/** A repeater, and half a minute later no router behind it. */
function orphaned(): Pick<Fault, "begin" | "end"> {
  const there = repeater(14);
  const away = router({ on: false });
  const leaving = new WeakMap<VirtualWorld, unknown>();
  return {
    begin: (world) => {
      there.begin(world);
      leaving.set(
        world,
        world.time.set(() => away.begin(world), REPEATER_GOOD_MS),
      );
    },
    end: (world) => {
      world.time.clear(leaving.get(world));
      away.end(world);
      there.end(world);
    },
  };
}

const ANY_LIGHT = ["pulse white", "solid white", "pulse blue", "solid blue"] as const;

/** Faults of router, air and radio. */
export const ROOM_FAULTS: readonly Fault[] = [
  {
    name: "router-away",
    what: "The router is switched off.",
    ...router({ on: false }),
    during: ["solid white"],
  },
  {
    name: "new-password",
    what: "The router has a new password.",
    ...router({ password: "another horse" }),
    during: ["solid white"],
  },
  {
    name: "mac-filter",
    what: "The router's MAC filter shuts the device out.",
    ...router({ macFilter: [] }),
    during: ["solid white"],
  },
  {
    name: "enterprise",
    what: "The network is turned into WPA2-Enterprise.",
    ...router({ security: "enterprise" }, { rejoin: true }),
    during: ["solid white"],
  },
  {
    name: "five-gigahertz",
    what: "The router's 2.4 GHz radio is switched off.",
    ...router({ channel: undefined }),
    during: ["solid white"],
  },
  {
    name: "channel-moved",
    what: "The router restarts on another channel.",
    ...router({ channel: 11 }, { rejoin: true }),
    during: ["solid blue"],
  },
  {
    name: "router-replaced",
    what: "A new router takes over name and password.",
    ...router({ bssid: "02:00:5e:00:00:02", channel: 1 }, { rejoin: true }),
    during: ["solid blue"],
  },
  {
    name: "hidden-ssid",
    what: "The network stops sending its name.",
    ...router({ hidden: true }, { rejoin: true }),
    during: ["solid blue"],
  },
  {
    name: "weak-signal",
    what: "The signal is so weak that the device is thrown out every 25 s.",
    ...repeating(25_000, ({ world }) => world.room.disassociate()),
    during: ANY_LIGHT,
  },
  {
    name: "dhcp-silent",
    what: "The router gives no address.",
    ...router({ dhcp: false }, { rejoin: true }),
    during: ["solid white"],
  },
  {
    name: "lease-lost",
    what: "The address runs out every 40 s and is not renewed.",
    ...repeating(40_000, ({ world }) => world.room.loseAddress()),
    during: ANY_LIGHT,
  },
  {
    name: "sign-in-page",
    what: "The network asks for a sign-in on a web page.",
    ...router({ signInPage: true }, { rejoin: true }),
    during: ["solid white", "pulse blue", "pulse white"],
    // A disowned network is left out for 300 s.
    recoveryMs: RECOVERY_MS + 300_000,
  },
  {
    name: "radio-hangs",
    what: "The Wi-Fi driver takes orders and never answers.",
    begin: ({ world }) => {
      world.room.radioHangs = true;
      world.room.disassociate();
    },
    end: ({ world }) => {
      world.room.radioHangs = false;
    },
    during: ["solid white", "pulse white"],
  },
  {
    name: "channel-14",
    what: "A stronger access point of the network's name comes on channel 14.",
    ...others([twin(1, { channel: 14 })], { bssid: "02:00:5e:00:00:02" }),
    during: ["solid blue"],
  },
  {
    name: "open-twin",
    what: "A stronger access point of the network's name comes, open.",
    ...others([twin(2, { security: "open", password: undefined as never })], { bssid: "02:00:5e:00:00:02" }),
    during: ["solid blue"],
  },
  {
    name: "foreign-twin",
    what: "A stronger access point of the network's name comes, with another password.",
    ...others([twin(3, { password: "a neighbour's" })], { bssid: "02:00:5e:00:00:02" }),
    during: ["solid blue"],
  },
  {
    name: "cloned-router",
    what: "The router moves to another channel, and a stronger access point with its name and address comes, with another password.",
    ...others([twin(0, { bssid: homeRouter().bssid, password: "a neighbour's" })], { channel: 1 }),
    during: ["solid blue"],
  },
  {
    name: "enterprise-twin",
    what: "A stronger access point of the network's name comes, as WPA2-Enterprise.",
    ...others([twin(4, { security: "enterprise" })], { bssid: "02:00:5e:00:00:02" }),
    during: ["solid blue"],
  },
  {
    name: "dead-node",
    what: "The strongest node of the mesh has lost the others, and gives no address.",
    ...others([twin(5, { dhcp: false })], { bssid: "02:00:5e:00:00:02" }),
    during: ["solid blue"],
  },
  {
    name: "refusing-nodes",
    what: "The three strongest nodes of the mesh refuse the device.",
    ...others([twin(6, { macFilter: [] }), twin(7, { macFilter: [] }), twin(8, { macFilter: [] })], {
      bssid: "02:00:5e:00:00:02",
    }),
    during: ["solid blue"],
  },
  {
    name: "node-offline",
    what: "The device's node loses its line, and another node has one.",
    ...others([twin(9, { rssi: -65 })], { internet: false }),
    during: ["solid blue"],
  },
  {
    name: "repeater",
    what: "A stronger repeater of the network comes, and goes.",
    ...repeater(10),
    during: ["solid blue"],
  },
  {
    name: "repeater-dies",
    what: "A stronger repeater of the network comes, and dies half a minute later.",
    ...repeater(11, {}, { on: false }),
    during: ["solid blue"],
  },
  {
    name: "repeater-alone",
    what: "A stronger repeater comes that has lost its router, and its beacon goes on.",
    ...repeater(12, { internet: false }),
    during: ["solid blue"],
  },
  {
    name: "repeater-cut",
    what: "The repeater that the device is on loses its router, and its beacon goes on.",
    ...repeater(13, {}, { internet: false }),
    // Two minutes until it is left for the router, and before that the keep-alive's.
    during: ["pulse blue", "pulse white", "solid blue"],
  },
  {
    name: "repeater-orphaned",
    what: "The router behind the repeater that the device is on is switched off, and the repeater's beacon goes on.",
    ...orphaned(),
    during: ["pulse blue"],
  },
  {
    name: "crowded-air",
    what: "Sixty stronger networks come on the air, more than a scan can keep.",
    ...others(NEIGHBOURS, { bssid: "02:00:5e:00:00:02" }),
    during: ["solid blue"],
  },
  {
    name: "dhcp-slow",
    what: "The router's DHCP takes 30 s, and the signal drops out every 100 s.",
    ...slowDhcp(),
    during: ["pulse white", "solid blue"],
  },
];
