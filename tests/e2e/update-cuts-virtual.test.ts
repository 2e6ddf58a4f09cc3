// The power goes at random bytes of flash while an update of full size is fetched, activated, tried and confirmed.
import { beforeAll, expect, test } from "vitest";
import { SeededRandom } from "../../sim/virtual/virtual-time";
import { buildFirmware } from "../support/firmware";
import { HOUR_MS, MINUTE_MS, UpdateRun } from "../support/update-run";
import { LONG, SEED } from "../support/volume";

const RUNS = LONG ? 60 : 2;
/** Bytes that a request and an answer's head take, for every block that is fetched. */
const HEADS = 20_000;
const BLOCK = 65_536;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

test(`Whatever byte the power goes at, the update ends well, no block that was good is fetched again, no reading is lost: ${RUNS} runs`, () => {
  const image = built.releases.image(2).length;
  for (let i = 0; i < RUNS; i++) {
    const seed = (SEED + i) >>> 0;
    const random = new SeededRandom(seed);
    const run = new UpdateRun({ ...built, seed });
    const { world } = run;
    run.until(() => world.sight === "solid blue", MINUTE_MS);
    run.offer(2);
    let cuts = 0;
    // The last ones fall into otadata and NVS, where there is little to write.
    for (const reach of [2 * image, 2 * image, image, 20_000, 9_000, 4_200, 300, 40]) {
      world.power.cutAfter(random.below(reach), random.below(4) === 0 ? "scattered" : "in-order");
      if (!run.until(() => world.plannedCuts > cuts, 20 * MINUTE_MS)) break;
      cuts++;
      run.run(5_000);
      world.world.powerOn();
    }
    world.power.powerOn();
    const log = `seed ${seed}, ${cuts} cuts\n${run.log}`;
    const isConfirmed = (): boolean => run.state?.state === "confirmed" && run.release === 2;
    // Where the power went in each of the three trials that a release has, it stays away (docs/updates.md).
    const isOutOfTrials = (): boolean =>
      cuts >= 3 &&
      run.log.includes("trials=3") &&
      run.state?.state === "rolled-back" &&
      run.state.reason === "undecided" &&
      run.release === 1;
    expect(
      run.until(() => isConfirmed() || isOutOfTrials(), 8 * HOUR_MS),
      log,
    ).toBe(true);
    expect(world.updates.sentBytes, log).toBeLessThan(image + cuts * BLOCK + HEADS);
    run.run(6 * MINUTE_MS);
    expect({ lost: run.lost, violations: run.referee.violations, crashes: world.crashes }, log).toEqual({
      lost: [],
      violations: [],
      crashes: [],
    });
  }
});
