import { beforeAll, describe, expect, test } from "vitest";
import { type FaultOutcome, runFaults } from "../../sim/virtual/fault-run";
import { FAULTS } from "../../sim/virtual/faults";
import { type Fault, RECOVERY_MS } from "../../sim/virtual/faults/fault";
import { SENSOR_FAULTS } from "../../sim/virtual/faults/sensor";
import { UPDATE_FAULTS } from "../../sim/virtual/faults/update";
import { SeededRandom } from "../../sim/virtual/virtual-time";
import { buildFirmware } from "../support/firmware";
import { limit } from "../support/limit";
import { FULL, LONG, SEED } from "../support/volume";

/** Of some 11,000 ordered pairs; `npm run test:full` takes them all. */
const SAMPLED_PAIRS = LONG ? 2_000 : 105;
/** Of those in which an update has a part: they take an hour of virtual time each. */
const SAMPLED_UPDATE_PAIRS = LONG ? 150 : 6;
/** Groups of pairs, so that a failure says where. */
const PAIR_TESTS = LONG ? 20 : 4;

let built: Awaited<ReturnType<typeof buildFirmware>>;
beforeAll(async () => {
  built = await buildFirmware();
});

type Board = "one" | "four";
const run = (faults: readonly Fault[], seed: number, sensors: Board): FaultOutcome =>
  runFaults({ ...built, seed, sensors }, faults);

/** In the short run each fault meets a board with one sensor or one with four, by turns and seed. */
const boardOf = (i: number): Board => ((i ^ SEED) & 1 ? "four" : "one");

/** What must hold whatever went wrong. */
function expectSound(outcome: FaultOutcome, faults: readonly Fault[], seed: number, sensors: Board): void {
  const again = `npm run replay -- ${faults.map(({ name }) => name).join(" ")} --seed ${seed} --sensors ${sensors}`;
  const bound = Math.max(...faults.map((fault) => fault.recoveryMs ?? RECOVERY_MS)) * faults.length;
  const { violations, misdated, lost, recoveredMs, timers } = outcome;
  const log = `${again}\n${outcome.trace.slice(-60).join("\n")}`;
  expect({ violations, misdated, lost }, log).toEqual({ violations: [], misdated: [], lost: [] });
  expect(recoveredMs, log).toBeLessThanOrEqual(bound);
  expect(outcome.status, log).toBe("online");
  expect(timers[1] - timers[0], log).toBeLessThanOrEqual(2);
}

test("There are at least forty faults, each with a name of its own", () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  expect(FAULTS.length).toBeGreaterThanOrEqual(40);
});

describe("One fault: the right light at every moment, back within the bound, every reading there and rightly dated", () => {
  // Those of updates take an hour of virtual time each: in the short run a share of them, another one each time.
  const some = FAULTS.filter((fault, i) => LONG || !UPDATE_FAULTS.includes(fault) || (i + SEED) % 4 === 0);
  const boards = (i: number): Board[] => (LONG ? ["one", "four"] : [boardOf(i)]);
  const cases = [
    ...some.flatMap((fault, i) => boards(i).map((sensors) => [fault.name, sensors, fault] as const)),
    ...SENSOR_FAULTS.map((fault) => [fault.name, "four", fault] as const),
  ];
  test.each(cases)("%s, on a board of sensors: %s", (_name, sensors, fault) => {
    const outcome = run([fault], SEED, sensors);
    expectSound(outcome, [fault], SEED, sensors);
    for (const sight of outcome.sights) expect(fault.during).toContain(sight);
    if (fault.verdict) expect([...outcome.verdicts]).toContain(fault.verdict);
    expect(outcome.delivered).toBeGreaterThan(5);
    if (/^(reset|black-hole)-/.test(fault.name)) expect(outcome.strikes).toBeGreaterThan(0);
  });
});

describe("Two faults that overlap", () => {
  const all = [...FAULTS, ...SENSOR_FAULTS];
  const pairs = all.flatMap((first) =>
    all.filter((second) => second !== first).map((second) => [first, second] as const),
  );
  const ofUpdates = pairs.filter((pair) => pair.some((fault) => UPDATE_FAULTS.includes(fault)));
  const others = pairs.filter((pair) => !ofUpdates.includes(pair));
  const random = new SeededRandom(SEED);
  const sample = <T>(from: readonly T[], length: number): T[] =>
    Array.from({ length }, () => from[random.below(from.length)]!);
  const chosen = FULL
    ? pairs
    : [...sample(others, SAMPLED_PAIRS), ...sample(ofUpdates, SAMPLED_UPDATE_PAIRS)];
  for (let group = 0; group < PAIR_TESTS; group++)
    test(
      `hold the same, in either order: ${FULL ? "all pairs" : "a sample"}, part ${group + 1} of ${PAIR_TESTS}`,
      () => {
        for (let i = group; i < chosen.length; i += PAIR_TESTS) {
          const seed = (SEED + i) >>> 0;
          const needsFour = chosen[i]!.some((fault) => SENSOR_FAULTS.includes(fault));
          const sensors = needsFour ? "four" : boardOf(i);
          expectSound(run(chosen[i]!, seed, sensors), chosen[i]!, seed, sensors);
        }
      },
      limit(600_000),
    );
});

/** At the most, of this sensor, in 4 KB. */
const SECTOR_READINGS = 170;

test("A full journal drops its oldest readings, counts each, and delivers the rest", () => {
  const away = FAULTS.find(({ name }) => name === "router-away")!;
  const options = { ...built, seed: SEED, journalBytes: 3 * 4096, settings: { samplingSeconds: 1 } };
  let status = "";
  const onMessage = (topic: string, payload: Uint8Array): void => {
    if (topic.endsWith("/status")) status = new TextDecoder().decode(payload);
  };
  const outcome = runFaults({ ...options, onMessage }, [{ ...away, lastsMs: 15 * 60_000 }]);
  expect(outcome.violations).toEqual([]);
  expect(outcome.recoveredMs).toBeDefined();
  const { dropped } = (JSON.parse(status) as { journal: { dropped: number } }).journal;
  expect(dropped).toBeGreaterThan(300);
  // Each reading that is missing is missing twice: it was taken, and its number is a gap. What was in flight when the
  // router went counts as dropped, since it was never acknowledged, and may have arrived. The status is of the moment in
  // which the broker was reached: a journal that is full then may drop one more sector before its readings are sent.
  const seed = `seed ${SEED}`;
  expect(outcome.lost.length, seed).toBeLessThanOrEqual(2 * (dropped + SECTOR_READINGS));
  expect(outcome.lost.length, seed).toBeGreaterThan(2 * (dropped - 40));
});
