import { beforeAll, expect, test } from "vitest";
import { runHouse } from "../../../sim/virtual/house";
import { buildFirmware } from "../../support/firmware";
import { LONG, SEED } from "../../support/volume";

const DEVICES = 10;
const SEEDS = LONG ? 20 : 1;
/**
 * Requests to join in one second, from ten devices whose router was away for 15 s: as many as before devices looked
 * for it every few seconds.
 */
const MOST_AT_ONCE = 7;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

const CASES = [
  ["that throws all of them out at once", 0, DEVICES],
  ["that restarts within three seconds", 3_000, DEVICES],
  ["that was away for 15 s", 15_000, MOST_AT_ONCE],
  ["that was away for ten minutes", 600_000, MOST_AT_ONCE],
] as const;

test.each(LONG ? CASES : CASES.filter((_, i) => i % 3 === 0))(
  "Ten devices behind one router %s ask it once each to let them in, after %i ms without it at most %i in a second",
  (_, awayMs, most) => {
    for (let i = 0; i < SEEDS; i++) {
      const seed = (SEED + i) >>> 0;
      const { joins, online } = runHouse(built, { devices: DEVICES, awayMs, seed });
      const told = `seed ${seed}: ${joins.slice(0, 20).join(" ")}`;
      expect(online, told).toBe(DEVICES);
      expect(
        joins.reduce((all, each) => all + each, 0),
        told,
      ).toBe(DEVICES);
      expect(Math.max(...joins), told).toBeLessThanOrEqual(most);
      expect(
        joins.findLastIndex((each) => each > 0),
        told,
      ).toBeLessThan(12);
    }
  },
);
