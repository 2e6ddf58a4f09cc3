import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  newRollout,
  type Outcome,
  orderOf,
  parseRollout,
  type Rollout,
  type RolloutPlan,
  resume,
  stageSizes,
  stageStart,
  step,
  stop,
  USUAL_PLAN,
} from "../../../cloud/rollout/plan";
import { fuzz } from "../../support/volume";

const DAY = 86_400;
const fleetOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `aerolink-${i}`);
const pending = (): Outcome => "pending";
const confirmed = (): Outcome => "confirmed";

/** Looks once an hour, `outcomeOf` knowing what has been offered, until the verdict or `days` are over. */
function watch(start: Rollout, outcomeOf: (id: string, has: ReadonlySet<string>) => Outcome, days = 10) {
  const has = new Set<string>();
  let rollout = start;
  const offers: { at: number; count: number }[] = [];
  for (let now = 0; now <= days * DAY; now += 3_600) {
    const next = step(rollout, (id) => outcomeOf(id, has), now);
    rollout = next.rollout;
    for (const id of next.offer) has.add(id);
    for (const id of next.withdraw) has.delete(id);
    if (next.offer.length > 0) offers.push({ at: now, count: next.offer.length });
    if (next.verdict !== "soaking") return { rollout, offers, has, verdict: next.verdict };
  }
  return { rollout, offers, has, verdict: "soaking" as const };
}

describe("a fleet of 10,000", () => {
  const rollout = newRollout(12, fleetOf(10_000));
  const good = (id: string, has: ReadonlySet<string>): Outcome => (has.has(id) ? "confirmed" : "pending");

  test("gets a good release by 100, 1,000 and all, a day apart", () => {
    const { offers, verdict } = watch(rollout, good);
    expect(verdict).toBe("done");
    expect(offers).toEqual([
      { at: 0, count: 100 },
      { at: DAY, count: 900 },
      { at: 2 * DAY, count: 9_000 },
    ]);
  });

  test("is spared a release that fails on one in twenty: it stops in the first stage or the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (salt) => {
        const bad = new Set(orderOf(salt, rollout.devices).slice(0, 500));
        const { rollout: end, verdict } = watch(rollout, (id, has) =>
          has.has(id) ? (bad.has(id) ? "failed" : "confirmed") : "pending",
        );
        expect(verdict).toBe("stopped");
        expect(end.offered).toBeLessThanOrEqual(1_000);
      }),
      fuzz(8),
    );
  });

  test("is not offered more while hardly anybody has confirmed, however long it lasts", () => {
    const few = new Set(rollout.devices.slice(0, 49));
    const { rollout: end, verdict } = watch(rollout, (id) => (few.has(id) ? "confirmed" : "pending"), 60);
    expect([verdict, end.offered]).toEqual(["soaking", 100]);
    const half = new Set(rollout.devices.slice(0, 50));
    expect(watch(rollout, (id) => (half.has(id) ? "confirmed" : "pending")).rollout.offered).toBe(1_000);
  });
});

test("The order is another one for each release, and does not depend on how the fleet is listed", () => {
  const fleet = fleetOf(200);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(fleet, { minLength: 200 }),
      fc.integer({ min: 1, max: 9 }),
      (list, release) => {
        expect(orderOf(release, [...list, ...list])).toEqual(orderOf(release, fleet));
      },
    ),
    fuzz(30),
  );
  expect(orderOf(1, fleet)).not.toEqual(orderOf(2, fleet));
});

test("A device that joins the fleet changes the order of no other", () => {
  const order = orderOf(7, fleetOf(201));
  expect(order.filter((id) => id !== "aerolink-200")).toEqual(orderOf(7, fleetOf(200)));
});

test("Every stage has a device while there are any, and the last has all", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (count) => {
      const sizes = stageSizes(count, USUAL_PLAN.stages);
      expect(sizes.at(-1)).toBe(count);
      sizes.forEach((size, i) => {
        const before = sizes[i - 1] ?? 0;
        expect(size).toBeGreaterThanOrEqual(Math.min(before + 1, count));
        expect(size).toBeGreaterThanOrEqual(Math.min(count, USUAL_PLAN.stages[i]!.share * count - 1e-6));
      });
    }),
    fuzz(500),
  );
  expect(stageSizes(1, USUAL_PLAN.stages)).toEqual([1, 1, 1]);
  expect(stageSizes(2, USUAL_PLAN.stages)).toEqual([1, 2, 2]);
  expect(stageSizes(3, USUAL_PLAN.stages)).toEqual([1, 2, 3]);
  expect(stageSizes(100, [{ share: 0.07, soakSeconds: 0 }])).toEqual([7]);
});

/** A history: hours that pass, devices that confirm or fail, somebody who stops it or lets it go on. */
const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("confirm" as const, "confirm" as const, "fail" as const),
      // Which one of those that have the offer.
      who: fc.nat(),
      many: fc.integer({ min: 1, max: 80 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("stop" as const, "resume" as const) }) },
);

test("Whatever happens: one offer each, no stage before its time, none above the limit, and the file tells it all", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(event, { maxLength: 60 }), (count, history) => {
      let rollout = newRollout(3, fleetOf(count));
      let now = 1_000;
      const outcomes = new Map<string, Outcome>();
      const outcomeOf = (id: string): Outcome => outcomes.get(id) ?? "pending";
      const has = new Set<string>();
      const take = (next: ReturnType<typeof step>): void => {
        for (const id of next.offer) {
          expect(has.has(id)).toBe(false);
          expect(outcomeOf(id)).toBe("pending");
          has.add(id);
        }
        for (const id of next.withdraw) expect(has.delete(id)).toBe(true);
        if (next.rollout.stage > rollout.stage && rollout.stage >= 0) {
          expect(next.rollout.stage).toBe(rollout.stage + 1);
          expect(now - rollout.since).toBeGreaterThanOrEqual(USUAL_PLAN.stages[rollout.stage]!.soakSeconds);
          const failed = rollout.devices
            .slice(0, rollout.offered)
            .filter((id) => outcomeOf(id) === "failed" && !rollout.excused.includes(id));
          expect(failed.length).toBeLessThan(Math.max(1, 0.02 * rollout.offered));
          expect(rollout.stopped).toBeUndefined();
        }
        // As after a restart of the tool.
        rollout = parseRollout(JSON.stringify(next.rollout));
        expect(rollout).toEqual(next.rollout);
        expect(rollout.offered).toBeGreaterThanOrEqual(stageStart(rollout));
      };
      for (const each of history) {
        if (each.do === "wait") now += each.hours * 3_600;
        else if (each.do === "stop") take(stop(rollout, outcomeOf, "somebody", now));
        else if (each.do === "resume") take(resume(rollout, outcomeOf, now));
        else if (each.do === "confirm" || each.do === "fail") {
          const open = [...has].filter((id) => outcomeOf(id) === "pending");
          for (let i = 0; i < Math.min(each.many, open.length); i++)
            outcomes.set(open[(each.who + i) % open.length]!, each.do === "fail" ? "failed" : "confirmed");
        }
        const again = step(rollout, outcomeOf, now);
        take(again);
        // Asked twice at the same moment, there is nothing more to do, but for a stage that is over at once.
        if (again.offer.length === 0) expect(step(rollout, outcomeOf, now).rollout).toEqual(rollout);
      }
    }),
    fuzz(200),
  );
});

test("One failure stops a fleet of one, and whoever has looked at it may go on", () => {
  const first = step(newRollout(2, ["a", "b"]), pending, 0);
  expect(first.offer).toHaveLength(1);
  const failed = step(first.rollout, (id) => (id === first.offer[0] ? "failed" : "pending"), 5);
  expect(failed.verdict).toBe("stopped");
  expect(failed.rollout.stopped?.why).toContain("1 of 1");
  const outcomes = (id: string): Outcome => (id === first.offer[0] ? "failed" : "pending");
  const again = resume(failed.rollout, outcomes, 10);
  expect([again.offer, again.rollout.excused]).toEqual([[], first.offer]);
  expect(step(again.rollout, outcomes, 11).verdict).toBe("soaking");
});

test("A stop takes the offer back from those that have not ended, and a resume gives it to them again", () => {
  const { rollout, offer } = step(newRollout(2, fleetOf(1_000)), pending, 0);
  const outcomes = (id: string): Outcome => (id === offer[0] ? "confirmed" : "pending");
  const stopped = stop(rollout, outcomes, "asked for", 100);
  expect(stopped.withdraw).toEqual(offer.slice(1));
  expect(step(stopped.rollout, confirmed, 9 * DAY)).toMatchObject({ verdict: "stopped", offer: [] });
  const again = resume(stopped.rollout, outcomes, 200);
  expect([again.offer, again.rollout.since]).toEqual([offer.slice(1), 200]);
});

test.each<[string, Partial<RolloutPlan>]>([
  ["has no stage", { stages: [] }],
  ["leaves devices out", { stages: [{ share: 0.5, soakSeconds: 0 }] }],
  ["shrinks", { stages: [0.5, 0.1, 1].map((share) => ({ share, soakSeconds: 0 })) }],
  ["never fails", { mostFailures: 0 }],
  ["wants more than all", { quorum: 1.1 }],
])("A plan that %s is refused", (_what, changes) => {
  expect(() => newRollout(1, ["a"], { ...USUAL_PLAN, ...changes })).toThrow(RangeError);
});

test("A file that is no rollout of ours is refused", () => {
  const text = JSON.stringify(step(newRollout(2, fleetOf(50)), pending, 0).rollout);
  expect(parseRollout(text).offered).toBe(1);
  for (const [from, to] of [
    ['"v":1', '"v":2'],
    ['"offered":1', '"offered":7'],
    ['"stage":0', '"stage":9'],
    ['"release":2', '"release":3'],
    ['"excused":[]', '"excused":[1]'],
  ] as const)
    expect(() => parseRollout(text.replace(from, to)), to).toThrow();
  for (const none of ["null", "[]", "7", "{"]) expect(() => parseRollout(none)).toThrow();
});
