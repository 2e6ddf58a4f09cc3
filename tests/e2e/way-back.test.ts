import { beforeAll, expect, test } from "vitest";
import { OUTAGES, type Outage, wayBack } from "../../sim/virtual/way-back";
import { buildFirmware } from "../support/firmware";
import { limit } from "../support/limit";
import { LONG, SEED } from "../support/volume";

const SECOND_MS = 1_000;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

/** Median and 95 %, s. Without its broker it takes its time, for the broker's sake: tests/sim/virtual/herd.test.ts. */
const BOUNDS = { router: [10, 20], internet: [20, 40], cable: [20, 40] } as const satisfies Partial<
  Record<Outage, readonly [number, number]>
>;

test.each(
  (Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]).flatMap((outage) =>
    [15, 60, 600, 7_200].map((seconds) => [OUTAGES[outage].what, seconds, outage] as const),
  ),
)(
  "Solid blue is back within seconds after %s, away for %i s",
  (_what, seconds, outage) => {
    const seeds = LONG ? 200 : seconds > 600 ? 1 : 6;
    const backMs = Array.from({ length: seeds }, (_, i) =>
      wayBack({ ...built, seed: (SEED + i) >>> 0 }, outage, seconds * SECOND_MS),
    ).map((each) => each ?? Number.POSITIVE_INFINITY);
    backMs.sort((a, b) => a - b);
    const [median, most] = BOUNDS[outage];
    const seed = `seed ${SEED}: ${backMs.map((each) => Math.round(each / 100) / 10).join(", ")}`;
    expect(backMs[Math.floor(seeds * 0.5)], seed).toBeLessThanOrEqual(median * SECOND_MS);
    expect(backMs[Math.floor(seeds * 0.95)], seed).toBeLessThanOrEqual(most * SECOND_MS);
  },
  limit(600_000),
);
