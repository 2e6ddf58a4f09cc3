import type { Hop, HopName } from "../live/protocol";
import type { Place } from "./places";

export const HOP_NAMES = {
  device: "Device",
  router: "Router",
  internet: "Internet",
  dns: "DNS",
  sntp: "SNTP",
  broker: "Cloud",
} as const satisfies Record<HopName, string>;

/** Not by colour alone: a sign and a word each. */
export const HOP_SIGNS = {
  idle: { sign: "·", word: "not reached" },
  trying: { sign: "…", word: "trying" },
  good: { sign: "✓", word: "good" },
  warning: { sign: "!", word: "missing" },
  failed: { sign: "✗", word: "fails" },
} as const satisfies Record<Hop["state"], { sign: string; word: string }>;

/** What opens beside the picture when a hop is touched. */
export const PLACE_OF_HOP = {
  device: "device",
  router: "routers",
  internet: "line",
  dns: "line",
  sntp: "line",
  broker: "cloud",
} as const satisfies Record<HopName, Place>;
