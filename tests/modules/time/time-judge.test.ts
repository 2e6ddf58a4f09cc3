import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AGREE_MS,
  judgeTime,
  STEP_MS,
  TIME_GROUNDS,
  type TimeCase,
  type TimeGround,
} from "../../../modules/time/time-judge";
import { fuzz } from "../../support/volume";

const T = Date.UTC(2029, 5, 1);
const DAY = 86_400_000;
/** A round of three servers, all asked, in which nobody answered, of a device that believes nothing. */
const ROUND: TimeCase = {
  servers: 3,
  left: 0,
  answers: [],
  isOutside: false,
  believed: undefined,
  least: undefined,
  before: undefined,
};

const CASES: readonly [string, Partial<TimeCase>, TimeGround, number?][] = [
  ["nobody answers", {}, "silence"],
  ["one says what cannot be", { isOutside: true }, "impossible"],
  ["one says what cannot be, against what is believed", { isOutside: true, believed: T }, "far-off"],
  ["one says what cannot be, against what proved good", { isOutside: true, least: T }, "far-off"],
  ["one has answered, and others can be asked", { answers: [T], left: 2 }, "more-to-ask"],
  ["one confirms the clock, and others can be asked", { answers: [T], left: 1, believed: T }, "more-to-ask"],
  ["two agree before the third is asked", { answers: [T, T + AGREE_MS], left: 1 }, "majority"],
  ["two outvote a first", { answers: [T + DAY, T, T] }, "majority", 1],
  ["two want what is far from the clock", { answers: [T, T], believed: T + 900 * DAY }, "majority"],
  ["two go back behind what proved good", { answers: [T, T], least: T + DAY }, "majority"],
  ["one answers, and nothing is known", { answers: [T] }, "first"],
  ["one answers after what proved good", { answers: [T], least: T - 900 * DAY }, "first"],
  ["one answers a little before what proved good", { answers: [T], least: T + STEP_MS }, "first"],
  ["one goes back behind what proved good", { answers: [T], least: T + STEP_MS + 1 }, "far-off"],
  ["one of one answers", { servers: 1, answers: [T], believed: T + 900 * DAY }, "majority"],
  ["one of two answers", { servers: 2, answers: [T], believed: T + 900 * DAY }, "far-off"],
  ["one says what the clock says", { answers: [T], believed: T + AGREE_MS }, "confirmed"],
  ["one wants a small step", { answers: [T], believed: T + AGREE_MS + 1 }, "heard-once"],
  ["one wants a small step again", { answers: [T], believed: T + STEP_MS, before: T }, "repeated"],
  ["one wants another small step", { answers: [T], believed: T + STEP_MS, before: T + 2_000 }, "heard-once"],
  ["one wants a great step again", { answers: [T], believed: T + STEP_MS + 1, before: T }, "far-off"],
  ["two contradict each other, and nothing is known", { answers: [T, T + DAY] }, "contradiction"],
  ["two contradict each other, near the clock", { answers: [T, T + 2_000], believed: T }, "contradiction"],
  ["two contradict each other, one far from the clock", { answers: [T, T + DAY], believed: T }, "far-off"],
  ["three contradict each other", { answers: [T, T + 5_000, T - 5_000], believed: T }, "contradiction"],
];

describe("judgeTime", () => {
  it.each(CASES)("%s", (_what, round, ground, answer) => {
    const judged = judgeTime({ ...ROUND, ...round });
    expect([judged.ground, judged.verdict]).toEqual([ground, TIME_GROUNDS[ground]]);
    expect(judged.answer).toBe(answer ?? (round.answers ? 0 : -1));
  });

  it("has a case for each of its grounds", () => {
    expect([...new Set(CASES.map(([, , ground]) => ground))].sort()).toEqual(
      Object.keys(TIME_GROUNDS).sort(),
    );
  });

  const instant = fc.oneof(
    fc.constantFrom(T, T + 500, T + 2_000, T + STEP_MS, T + STEP_MS + 1, T - DAY, T + 900 * DAY),
    fc.integer({ min: T - 900 * DAY, max: T + 900 * DAY }),
  );
  const round = fc
    .record({
      servers: fc.integer({ min: 1, max: 3 }),
      answers: fc.array(instant, { maxLength: 3 }),
      left: fc.nat(2),
      isOutside: fc.boolean(),
      believed: fc.option(instant, { nil: undefined }),
      least: fc.option(instant, { nil: undefined }),
      before: fc.option(instant, { nil: undefined }),
    })
    .filter(({ servers, answers, left }) => answers.length + left <= servers);

  it("accepts a great step, or a way back behind what proved good, from a majority of the configured servers only", () => {
    fc.assert(
      fc.property(round, (each) => {
        const { verdict, answer } = judgeTime(each);
        if (verdict !== "accept") return;
        const said = each.answers[answer]!;
        const voices = each.answers.filter((other) => Math.abs(other - said) <= AGREE_MS).length;
        if (voices * 2 > each.servers) return;
        expect(each.left).toBe(0);
        if (each.believed !== undefined) expect(Math.abs(said - each.believed)).toBeLessThanOrEqual(STEP_MS);
        else if (each.least !== undefined) expect(said).toBeGreaterThanOrEqual(each.least - STEP_MS);
      }),
      fuzz(),
    );
  });

  it("accepts the truth from a majority, whatever the others say, what was believed, and who is asked first", () => {
    fc.assert(
      fc.property(round, fc.constantFrom(0, 1, 2), instant, (each, at, lie) => {
        const answers = [T, T + 300];
        answers.splice(at, 0, lie);
        const judged = judgeTime({ ...each, servers: 3, left: 0, answers });
        expect(judged.verdict).toBe("accept");
        expect(Math.abs(answers[judged.answer]! - T)).toBeLessThanOrEqual(300 + AGREE_MS);
      }),
      fuzz(),
    );
  });

  it("ends every round in which nobody is left to ask, and asks nobody when there is nobody", () => {
    fc.assert(
      fc.property(round, (each) => {
        const { verdict } = judgeTime(each);
        if (each.left === 0) expect(verdict).not.toBe("ask");
        else expect(["ask", "accept"]).toContain(verdict);
      }),
      fuzz(),
    );
  });
});
