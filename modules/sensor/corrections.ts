import type { Settings } from "../configuration/settings";
import { QUANTITIES, type Quantity } from "../telemetry/quantities";
import type { Measurement } from "../telemetry/reading";
import type { PmCorrection } from "./sensor";

/** Quantities that a person may shift: by which setting, and the least and the most that comes out. */
const OFFSETS = Object.freeze(
  {
    temperature: { setting: "temperatureOffset", least: -273, most: 1000 },
    humidity: { setting: "humidityOffset", least: 0, most: 100 },
    co2: { setting: "co2Offset", least: 0, most: 1_000_000 },
  } as const satisfies { readonly [quantity in Quantity]?: object },
  true,
);

type Shifted = keyof typeof OFFSETS;
const SHIFTED = Object.freeze(Object.keys(OFFSETS)) as readonly Shifted[];

/** What the settings do to the values that the sensors give: quantity → what is added, or the name of the correction. */
export type Corrected = { [quantity in Quantity]?: number | PmCorrection };

/** The offsets of the settings that are not zero. */
export function offsetsOf(settings: Pick<Settings, "get">): { [quantity in Shifted]?: number } {
  const offsets: { [quantity in Shifted]?: number } = {};
  for (const quantity of SHIFTED) {
    // Settings are in the steps of their quantity.
    const offset = settings.get(OFFSETS[quantity].setting) / QUANTITIES[quantity].steps;
    if (offset !== 0) offsets[quantity] = offset;
  }
  return offsets;
}

/** Adds them, in place; what is absent stays absent. */
export function addOffsets(values: Measurement, settings: Pick<Settings, "get">): void {
  const offsets = offsetsOf(settings);
  for (const quantity of SHIFTED) {
    const { least, most } = OFFSETS[quantity];
    const value = values[quantity];
    const offset = offsets[quantity];
    if (value !== undefined && offset !== undefined)
      values[quantity] = Math.min(most, Math.max(least, value + offset));
  }
}

/**
 * PM2.5 of a Plantower sensor (its atmospheric value) without the water on the particles: the fit of the US EPA's Fire
 * and Smoke Map, 2021, to reference instruments across the United States (Barkjohn and others, 2021,
 * doi:10.5194/amt-14-4617-2021, and its extension to smoke). It has been made outdoors, from hourly means.
 */
export function epa2021(pm2_5: number, humidity: number): number {
  if (pm2_5 === 0) return 0;
  const mild = 5.75 - 0.0862 * humidity;
  const smoke = 2.966 + 8.84e-4 * pm2_5 * pm2_5;
  const some = share(pm2_5, 30, 50);
  const much = share(pm2_5, 210, 260);
  const slope = 0.524 + (0.786 - 0.524) * some + (0.69 - 0.786) * much;
  return Math.max(0, slope * pm2_5 + mild * (1 - much) + smoke * much);
}

/** 0 up to `from`, 1 from `to` on, straight between. */
function share(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
