// Updates through the whole firmware, in virtual time: what is good stays, what is bad goes, and the device says why.
import { beforeAll, describe, expect, test } from "vitest";
import { buildFirmware } from "../support/firmware";
import { HOUR_MS, MINUTE_MS, UpdateRun } from "../support/update-run";
import { SEED } from "../support/volume";

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

/** A device that is solid blue. */
function online(seed = SEED): UpdateRun {
  const run = new UpdateRun({ ...built, seed });
  expect(
    run.until(() => run.world.sight === "solid blue", MINUTE_MS),
    run.log,
  ).toBe(true);
  return run;
}

/** What must hold however an update ends. */
function expectSound(run: UpdateRun): void {
  expect(
    run.until(() => run.world.sight === "solid blue", 20 * MINUTE_MS),
    run.log,
  ).toBe(true);
  run.run(6 * MINUTE_MS);
  const { violations } = run.referee;
  const { misdated } = run.world;
  expect({ violations, misdated, lost: run.lost }, run.log).toEqual({
    violations: [],
    misdated: [],
    lost: [],
  });
}

describe("A good release", () => {
  test("is fetched, tried and confirmed, and the device says so at each step", () => {
    const run = online();
    run.offer(2);
    expect(run.untilState("confirmed"), run.log).toBe(true);
    const steps = run.states.map(({ state }) => state);
    const order = ["waiting", "downloading", "ready", "trial", "confirmed"];
    expect(
      steps.filter((step, i) => step !== steps[i - 1] && order.includes(step)),
      run.log,
    ).toEqual(order);
    expect(run.state).toMatchObject({ running: 2, version: "0.2.0", confirmed: 2 });
    expect(run.release).toBe(2);
    expect(run.boots).toEqual(["0.1.0 power-on", "0.2.0 restart"]);
    expect(run.world.crashes).toEqual([]);
    expectSound(run);
    run.world.cutPower();
    run.run(5_000);
    run.world.world.powerOn();
    run.run(MINUTE_MS);
    expect(run.boots.at(-1)).toBe("0.2.0 power-on");
  });
});

describe("A bad release is given up", () => {
  test.each([
    ["crashes-at-once", "crashed"],
    ["crashes-after-a-minute", "crashed"],
    ["hangs", "crashed"],
    ["restarts", "crashed"],
    ["never-blue", "not-online"],
    ["blue-and-lost", "not-online"],
  ] as const)("when it is one that %s: %s", (bad, reason) => {
    const run = online();
    run.offer(2, { bad });
    run.run(4 * HOUR_MS);
    expect(run.state, run.log).toMatchObject({ running: 1, release: 2, reason });
    expect(run.release).toBe(1);
    const trials = run.boots.filter((boot) => boot.startsWith("0.2.0")).length;
    if (bad !== "crashes-at-once") expect(trials, run.log).toBeGreaterThan(0);
    expect(trials, run.log).toBeLessThanOrEqual(3);
    expectSound(run);
  });
});
