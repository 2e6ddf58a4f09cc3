import { expect, test } from "vitest";
import { runFleet } from "../../../sim/virtual/fleet";
import { LONG, SEED } from "../../support/volume";

/** A tenth of them must be enough to tell 5 % from less than 2 %. */
const DEVICES = 10_000;
const GOOD_DEVICES = LONG ? DEVICES : 1_000;

test(`A release that fails on 5 % of ${DEVICES} devices is stopped before more than the next stage has it; all that failed run the old one, none is lost`, () => {
  const outcome = runFleet({ devices: DEVICES, failing: 0.05, seed: SEED });
  const log = `seed ${SEED}: ${JSON.stringify(outcome)}`;
  expect(outcome.verdict, log).toBe("stopped");
  expect(outcome.stages.length, log).toBeLessThanOrEqual(2);
  expect(outcome.lost, log).toBe(0);
  expect(outcome.stuck, log).toBe(0);
  expect(outcome.old + outcome.renewed, log).toBe(DEVICES);
  expect(outcome.renewed, log).toBeLessThanOrEqual(DEVICES / 10);
  expect(outcome.mostTrials, log).toBeLessThanOrEqual(3);
});

test(`A good release reaches all of ${GOOD_DEVICES} devices, outages and power cuts notwithstanding`, () => {
  const outcome = runFleet({ devices: GOOD_DEVICES, failing: 0, seed: SEED });
  const log = `seed ${SEED}: ${JSON.stringify(outcome)}`;
  expect(outcome.verdict, log).toBe("done");
  expect(
    outcome.stages.map(({ offered }) => offered / GOOD_DEVICES),
    log,
  ).toEqual([0.01, 0.1, 1]);
  expect(outcome, log).toMatchObject({ renewed: GOOD_DEVICES - outcome.falselyFailed, lost: 0, stuck: 0 });
  expect(outcome.falselyFailed, log).toBeLessThanOrEqual(GOOD_DEVICES / 1_000);
});
