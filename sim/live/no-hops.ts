import type { Hop, Hops } from "./protocol";

const IDLE: Hop = { state: "idle" };

/** Nothing is known of the way to the broker. */
export const NO_HOPS: Hops = {
  device: IDLE,
  router: IDLE,
  internet: IDLE,
  dns: IDLE,
  sntp: IDLE,
  broker: IDLE,
};
