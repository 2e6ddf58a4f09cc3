import type { PmCorrection } from "../sensor";

/**
 * PM2.5 of a Plantower sensor (its atmospheric value) without the water on the particles: the fit of the US EPA's Fire
 * and Smoke Map, 2021, to reference instruments across the United States (Barkjohn and others, 2021,
 * doi:10.5194/amt-14-4617-2021, and its extension to smoke). It has been made outdoors, from hourly means.
 */
export const EPA_2021: PmCorrection = Object.freeze({
  name: "epa-2021",
  correct(pm2_5: number, humidity: number): number {
    if (pm2_5 === 0) return 0;
    const mild = 5.75 - 0.0862 * humidity;
    const smoke = 2.966 + 8.84e-4 * pm2_5 * pm2_5;
    const some = share(pm2_5, 30, 50);
    const much = share(pm2_5, 210, 260);
    const slope = 0.524 + (0.786 - 0.524) * some + (0.69 - 0.786) * much;
    return Math.max(0, slope * pm2_5 + mild * (1 - much) + smoke * much);
  },
});

/** 0 up to `from`, 1 from `to` on, straight between. */
function share(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
