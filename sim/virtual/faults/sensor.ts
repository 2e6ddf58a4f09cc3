import type { VirtualWorld } from "../virtual-world";
import { type Fault, repeating } from "./fault";

const LOST = "connection lost";

const set = (world: VirtualWorld, isLost: (place: number) => boolean): void => {
  world.sensors.forEach((sensor, place) => {
    sensor.fault = isLost(place) ? LOST : undefined;
  });
};

/** A sensor of several is one board's: faults of sensors are for a world with four of them. */
export const SENSOR_FAULTS: readonly Fault[] = [
  ...["first", "second", "third", "fourth"].map(
    (which, lost): Fault => ({
      name: `${which}-sensor-unplugged`,
      what: `The ${which} of four sensors is unplugged.`,
      begin: ({ sensors }) => {
        sensors[lost]!.fault = LOST;
      },
      end: ({ sensors }) => {
        sensors[lost]!.fault = undefined;
      },
      during: ["solid blue"],
    }),
  ),
  {
    name: "sensors-come-and-go",
    what: "Every 7 s other ones of the four sensors answer.",
    ...repeating(
      7_000,
      (world) => {
        const mask = world.random.below(16);
        set(world, (place) => (mask & (1 << place)) !== 0);
      },
      (world) => set(world, () => false),
    ),
    during: ["solid blue"],
  },
  {
    name: "all-sensors-gone",
    what: "None of the four sensors answers.",
    begin: (world) => set(world, () => true),
    end: (world) => set(world, () => false),
    during: ["solid blue"],
  },
];
