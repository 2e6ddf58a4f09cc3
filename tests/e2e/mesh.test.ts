import { expect, test } from "vitest";
import { runMesh } from "../../sim/virtual/mesh";
import { buildFirmware } from "../support/firmware";
import { limit } from "../support/limit";
import { LONG, SEED } from "../support/volume";

const DAYS = LONG ? 7 : 1;
const SEEDS = LONG ? 20 : 1;

test(
  `In a mesh of five nodes, of which any is away now and then, the device is on a good one, and seldom moves: ${DAYS} days`,
  async () => {
    const built = await buildFirmware();
    for (let i = 0; i < SEEDS; i++) {
      const seed = (SEED + i) >>> 0;
      const { near, movesAnHour, outages, lost, violations } = runMesh({ ...built, seed }, DAYS);
      console.log(
        `seed ${seed}: ${(near * 100).toFixed(1)} % within 10 dB of the best, ${movesAnHour.toFixed(2)} moves an hour, ${outages} outages`,
      );
      expect({ lost, violations }, `seed ${seed}`).toEqual({ lost: [], violations: [] });
      expect(near, `seed ${seed}`).toBeGreaterThanOrEqual(0.95);
      expect(movesAnHour, `seed ${seed}`).toBeLessThan(2);
    }
  },
  limit(1_200_000),
);
