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
  const home: Router = { ...homeRouter(), macFilter: undefined as never, signInPage: false };
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
];
