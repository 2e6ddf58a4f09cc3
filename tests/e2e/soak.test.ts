import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, expect, test } from "vitest";
import { FAULTS_A_DAY, soak } from "../../sim/virtual/soak";
import { buildFirmware } from "../support/firmware";
import { limit } from "../support/limit";
import { FULL, LONG, SEED } from "../support/volume";

const DAYS = LONG ? 30 : 7;
const SEEDS = FULL ? 20 : LONG ? 10 : 1;
/** What the world keeps of 1,440 readings a day: their numbers. The firmware's own share must not grow. */
const WORLD_BYTES_A_DAY = 1_440 * 150;
const SLACK_BYTES = 6_000_000;
/** The last four images that were compiled, each as a text of two bytes a character and as a script. */
const IMAGES_BYTES = 14_000_000;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const heapUsed = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

test.each(Array.from({ length: SEEDS }, (_, i) => (SEED + i) >>> 0))(
  `${DAYS} days, a reading a minute, ${FAULTS_A_DAY} faults a day: all delivered, the light right, heap and timers level (seed %i)`,
  (seed) => {
    // By turns a board with one sensor and one with four, whose own faults come too.
    const sensors = seed & 1 ? "four" : "one";
    const outcome = soak({ ...built, seed, sensors }, DAYS, heapUsed);
    const { violations, misdated, lost, timers, heap } = outcome;
    const again = `npm run replay -- soak --seed ${seed} --sensors ${sensors} --days ${DAYS}`;
    const log = `${again}\n${outcome.trace.slice(-60).join("\n")}`;
    expect({ violations, misdated, lost }, log).toEqual({ violations: [], misdated: [], lost: [] });
    // Without power nothing is taken.
    expect(outcome.delivered).toBeGreaterThan(DAYS * 1_440 * 0.98);
    expect(outcome.duplicates).toBeLessThan(outcome.delivered * 0.05);
    expect(Math.max(...timers) - Math.min(...timers)).toBeLessThanOrEqual(3);
    const expected = (DAYS - 2) * WORLD_BYTES_A_DAY + SLACK_BYTES + IMAGES_BYTES;
    expect(heap.at(-1)! - heap[1]!).toBeLessThan(expected);
    console.log(
      `seed ${seed}, sensors ${sensors}: ${outcome.delivered} readings, ${outcome.duplicates} duplicates, ${outcome.faults} faults, ${outcome.boots} boots, timers ${Math.min(...timers)}–${Math.max(...timers)}, heap ${((heap.at(-1)! - heap[1]!) / 1e6).toFixed(1)} MB more`,
    );
  },
  limit(LONG ? 600_000 : 120_000),
);
