import fc from "fast-check";
import { expect, test } from "vitest";
import { broken, findGaps, usualStep } from "../../../cloud/page/gaps";
import { dragged, moved, RANGES, refreshMs, windowOf, zoomed } from "../../../cloud/page/ranges";
import { ago, length, spelt } from "../../../cloud/page/words";

const NOW = 1_782_907_200;
const every = (seconds: number, from: number, to: number): number[] =>
  Array.from({ length: Math.floor((to - from) / seconds) + 1 }, (_, i) => from + i * seconds);

test("A range ends now and moves on; what was chosen within it stays when time passes", () => {
  expect(windowOf({ range: "day" }, NOW)).toEqual({ from: NOW - 86_400, to: NOW });
  expect(windowOf({ range: "day" }, NOW + 60.4)).toEqual({ from: NOW + 61 - 86_400, to: NOW + 61 });
  const zoom = { from: NOW - 500, to: NOW - 100 };
  expect(windowOf({ range: "day", zoom }, NOW + 3_600)).toEqual(zoom);
});

test("Zooming keeps the middle, never shows less than a minute, and never the future", () => {
  const window = { from: NOW - 7_200, to: NOW - 3_600 };
  expect(zoomed(window, 0.5, NOW)).toEqual({ from: NOW - 6_300, to: NOW - 4_500 });
  const small = zoomed({ from: NOW - 100, to: NOW - 30 }, 0.01, NOW);
  expect(small.to - small.from).toBeGreaterThanOrEqual(60);
  expect(zoomed({ from: NOW - 3_600, to: NOW }, 2, NOW)).toEqual({ from: NOW - 7_200, to: NOW });
});

test("Whatever is zoomed and moved, the window has a length and ends by now", () => {
  const step = fc.oneof(
    fc.double({ min: 0.01, max: 100, noNaN: true }).map((factor) => ({ factor })),
    fc.double({ min: -3, max: 3, noNaN: true }).map((share) => ({ share })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let window = windowOf({ range: "week" }, NOW);
      for (const each of steps)
        window = "factor" in each ? zoomed(window, each.factor, NOW) : moved(window, each.share, NOW);
      expect(window.to).toBeLessThanOrEqual(NOW);
      expect(window.to - window.from).toBeGreaterThanOrEqual(60);
      expect(Number.isInteger(window.from) && Number.isInteger(window.to)).toBe(true);
    }),
  );
});

test("A drag counts in both directions, and a click is none", () => {
  expect(dragged(NOW, NOW - 600)).toEqual({ from: NOW - 600, to: NOW });
  expect(dragged(NOW, NOW + 0.4)).toBeUndefined();
});

test("A longer range is asked for less often", () => {
  const often = Object.values(RANGES).map((seconds) => refreshMs({ from: NOW - seconds, to: NOW }));
  expect(often).toEqual([...often].sort((a, b) => a - b));
  expect(often[0]).toBe(5_000);
  expect(often.at(-1)).toBe(300_000);
});

test("One late reading is no gap; an hour without any is one, from the last before to the first after", () => {
  const window = { from: NOW - 86_400, to: NOW };
  const times = [...every(60, NOW - 40_000, NOW - 30_000), ...every(60, NOW - 26_400, NOW)];
  const last = times[every(60, NOW - 40_000, NOW - 30_000).length - 1]!;
  expect(findGaps({ times, span: 0, window })).toEqual([{ from: last, to: NOW - 26_400 }]);
  const late = every(60, NOW - 3_600, NOW).filter((_, i) => i !== 20);
  expect(findGaps({ times: late, span: 0, window })).toEqual([]);
});

test("Of means a missing span is a gap, from the end of the one before", () => {
  const times = every(900, NOW - 9_000, NOW - 900).filter((time) => time !== NOW - 4_500);
  expect(findGaps({ times, span: 900, window: { from: NOW - 86_400, to: NOW } })).toEqual([
    { from: NOW - 4_500, to: NOW - 3_600 },
  ]);
});

test("A device that has fallen silent has a gap up to now; one whose batch is on its way has none", () => {
  const window = { from: NOW - 86_400, to: NOW };
  expect(findGaps({ times: every(60, NOW - 20_000, NOW - 7_220), span: 0, window })).toEqual(
    [{ from: NOW - 7_220, to: NOW }].map((gap) => ({
      ...gap,
      from: every(60, NOW - 20_000, NOW - 7_220).at(-1),
    })),
  );
  expect(findGaps({ times: every(60, NOW - 6_000, NOW - 360), span: 0, window })).toEqual([]);
  expect(findGaps({ times: [], span: 0, window })).toEqual([]);
});

test("A device that measures once an hour has no gaps between its readings", () => {
  const times = every(3_600, NOW - 80_000, NOW);
  expect(usualStep(times)).toBe(3_600);
  expect(findGaps({ times, span: 0, window: { from: NOW - 86_400, to: NOW } })).toEqual([]);
});

test("No line goes over a gap, and no value is lost where it breaks", () => {
  const times = [0, 60, 120, 600, 660];
  const gaps = findGaps({ times, span: 0, window: { from: 0, to: 660 } });
  const [at, values] = broken(times, [[1, 2, 3, 4, 5]], gaps);
  expect(values).toEqual([1, 2, 3, null, 4, 5]);
  expect(at).toEqual([...at].sort((a, b) => a - b));
});

test("Times of any kind give sorted gaps within the window that hold no reading, and breaks between all of them", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 200 }),
      fc.constantFrom(0, 60, 900),
      (all, span) => {
        const times = [...new Set(all.map((time) => (span ? time - (time % span) : time)))].sort(
          (a, b) => a - b,
        );
        const gaps = findGaps({ times, span, window: { from: 0, to: 100_000 } });
        for (const [i, { from, to }] of gaps.entries()) {
          expect(to).toBeGreaterThan(from);
          expect(from).toBeGreaterThanOrEqual(gaps[i - 1]?.to ?? 0);
          expect(times.some((time) => time > from && time < to)).toBe(false);
        }
        const [at, values] = broken(
          times.map((time) => time + span / 2),
          [times],
          gaps,
        );
        expect(values?.filter((each) => each !== null)).toEqual(times);
        expect(at.every((time, i) => i === 0 || time > at[i - 1]!)).toBe(true);
      },
    ),
  );
});

test("How long ago is said as people do", () => {
  const cases = [0, 30, 100, 5_399, 5_401, 130_000, 400_000].map((seconds) =>
    ago(NOW * 1000, (NOW + seconds) * 1000),
  );
  expect(cases).toEqual([
    "just now",
    "30 s ago",
    "2 min ago",
    "90 min ago",
    "2 h ago",
    "2 days ago",
    "5 days ago",
  ]);
  expect(ago((NOW + 600) * 1000, NOW * 1000)).toBe("10 min in the future");
  expect(ago((NOW + 20) * 1000, NOW * 1000)).toBe("just now");
  expect(length(900)).toBe("15 min");
});

test("Names of settings and reasons are spelt for people", () => {
  expect(["ledBrightness", "no-answer", "sntpServers", "mqttVersion"].map(spelt)).toEqual([
    "LED brightness",
    "No answer",
    "SNTP servers",
    "MQTT version",
  ]);
});
