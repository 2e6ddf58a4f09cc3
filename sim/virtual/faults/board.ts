import type { VirtualWorld } from "../virtual-world";
import { type Fault, repeating } from "./fault";

const POWER_BACK_MS = 1_500;

const restart = (world: VirtualWorld, reason?: string): void => {
  world.cutPower();
  world.time.set(() => world.world.powerOn(reason), POWER_BACK_MS);
};

/** Faults of the device's power and memory. */
export const BOARD_FAULTS: readonly Fault[] = [
  {
    name: "power-cut",
    what: "The power goes, and comes back at the end.",
    begin: (world) => world.cutPower(),
    end: ({ world }) => world.powerOn(),
    during: ["dark"],
  },
  {
    name: "brown-out",
    what: "The power goes every 35 s.",
    ...repeating(35_000, (world) => restart(world, "brownout")),
    during: ["solid blue", "pulse blue", "pulse white", "dark"],
  },
  {
    name: "power-flickers",
    what: "The power goes every 5 s, for half a second.",
    ...repeating(5_000, (world) => {
      world.cutPower();
      world.time.set(() => world.world.powerOn(), 500);
    }),
    during: ["dark", "pulse white", "pulse blue", "solid blue"],
  },
  {
    name: "cut-while-writing",
    what: "Every 50 s the power goes at the next byte of flash that is written.",
    ...repeating(
      50_000,
      (world) => {
        if (!world.world.board.on) world.world.powerOn();
        world.flash.cutAfter(world.random.below(60), world.random.below(2) ? "in-order" : "scattered");
      },
      (world) => {
        world.flash.powerOn();
        world.world.powerOn();
      },
    ),
    during: ["solid blue", "pulse blue", "pulse white", "dark"],
  },
  {
    name: "heap-full",
    what: "The heap is full every 80 s: XS aborts and the device restarts.",
    ...repeating(80_000, (world) => restart(world, "restart")),
    during: ["solid blue", "pulse blue", "pulse white", "dark"],
  },
];
