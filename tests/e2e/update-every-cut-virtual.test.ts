// The power goes at every byte that is written to slots and otadata, and before every write of NVS, while the whole
// firmware fetches a small image, activates it, tries it and confirms it, or gives it up.
import { beforeAll, describe, expect, test } from "vitest";
import type { BadRelease } from "../../sim/virtual/bad-release";
import { SeededRandom } from "../../sim/virtual/virtual-time";
import { EveryCut } from "../support/every-cut";
import { buildFirmware } from "../support/firmware";
import { SMALL_BLOCK, withSmallImages } from "../support/small-image";
import { HOUR_MS, MINUTE_MS, UpdateRun } from "../support/update-run";
import { LONG, SEED } from "../support/volume";

/** In the short run every so many bytes alone. */
const STRIDE = LONG ? 1 : 16;
/** Of each scenario; in the long run every class of cuts is lived through to its end. */
const CONTINUED = LONG ? Number.POSITIVE_INFINITY : 2;

let built: ReturnType<typeof withSmallImages<Awaited<ReturnType<typeof buildFirmware>>>>;
beforeAll(async () => {
  built = withSmallImages(await buildFirmware());
});

interface Scenario {
  readonly bad?: BadRelease;
  /** Until here it has all been written. */
  ended(run: UpdateRun): boolean;
  readonly limitMs: number;
}

const SCENARIOS: Record<string, Scenario> = {
  "a good release": {
    ended: (run) => run.state?.state === "confirmed" && run.release === 2,
    limitMs: 2 * HOUR_MS,
  },
  "a release that crashes": {
    bad: "crashes-after-a-minute",
    ended: (run) => run.state?.state === "rolled-back" && run.release === 1,
    limitMs: 6 * HOUR_MS,
  },
  "a release that never gets to blue": {
    bad: "never-blue",
    ended: (run) => run.state?.state === "rolled-back" && run.release === 1,
    limitMs: 12 * HOUR_MS,
  },
};

/** From an offer on, until all has been written, or the power went. */
function drive(run: UpdateRun, { bad, ended, limitMs }: Scenario): void {
  run.until(() => run.world.sight === "solid blue", MINUTE_MS);
  run.offer(2, { ...(bad && { bad }), manifest: { block: SMALL_BLOCK } });
  run.until(() => ended(run) || run.world.plannedCuts > 0, limitMs);
}

describe("The power may go at every byte", () => {
  test.each(Object.entries(SCENARIOS))("of %s", (name, scenario) => {
    const whole = new UpdateRun({ ...built, seed: SEED });
    const every = new EveryCut(whole.world, built.releases.image(2, scenario.bad), SEED, STRIDE);
    drive(whole, scenario);
    expect(scenario.ended(whole), whole.log).toBe(true);
    expect(every.dead).toEqual([]);
    expect(every.count).toBeGreaterThan(30_000 / STRIDE);

    const size = built.releases.image(2).length;
    const classes = [...every.classes.values()];
    const random = new SeededRandom(SEED);
    const chosen =
      classes.length <= CONTINUED
        ? classes
        : Array.from({ length: CONTINUED }, () => classes[random.below(classes.length)]!);
    for (const { units, key } of chosen) {
      const unit = units[random.below(units.length)]!;
      const run = new UpdateRun({ ...built, seed: SEED });
      run.world.power.cutAfter(unit - run.world.power.worked);
      drive(run, scenario);
      const where = (): string => `${name}, seed ${SEED}, unit ${unit}: ${key.slice(0, 60)}\n${run.log}`;
      expect(run.world.plannedCuts, where()).toBe(1);
      run.run(5_000);
      run.world.world.powerOn();
      expect(
        run.until(() => scenario.ended(run), scenario.limitMs),
        where(),
      ).toBe(true);
      run.run(6 * MINUTE_MS);
      const { crashes, updates } = run.world;
      expect(
        { lost: run.lost, violations: run.referee.violations, crashes: crashes.map(String) },
        where(),
      ).toEqual({ lost: [], violations: [], crashes: [] });
      // One block may have been half there, and each answer has a head.
      expect(updates.sentBytes, where()).toBeLessThan(size + SMALL_BLOCK + 2_000);
      const trials = run.boots.filter((boot) => boot.startsWith("0.2.0")).length;
      if (scenario.bad) expect(trials, where()).toBeLessThanOrEqual(3);
    }
    console.log(`${name}: ${every.count} places, ${classes.length} kinds, ${chosen.length} lived through`);
  });
});
