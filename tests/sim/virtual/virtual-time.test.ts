import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualTime } from "../../../sim/virtual/virtual-time";
import { fuzz } from "../../support/volume";

test("Timers fire in order of time, those of the same moment in the order in which they were set", () => {
  const time = new VirtualTime();
  const fired: string[] = [];
  time.set(() => fired.push("late"), 20);
  time.set(() => fired.push("first"), 10);
  time.set(() => fired.push("second"), 10);
  time.run(15);
  expect(fired).toEqual(["first", "second"]);
  expect(time.now()).toBe(15);
  time.run(5);
  expect(fired).toEqual(["first", "second", "late"]);
});

test("A timer set while running fires within the same run if it is due", () => {
  const time = new VirtualTime();
  const fired: number[] = [];
  time.set(() => time.set(() => fired.push(time.now()), 5), 5);
  time.run(10);
  expect(fired).toEqual([10]);
});

test("Running until something is true stops at that moment, or at the limit", () => {
  const time = new VirtualTime();
  let seen = false;
  time.set(() => {
    seen = true;
  }, 70);
  expect(time.runUntil(() => seen, 60)).toBe(false);
  expect(time.now()).toBe(60);
  expect(time.runUntil(() => seen, 60)).toBe(true);
  expect(time.now()).toBe(70);
});

test("Any mix of setting and clearing fires exactly what was not cleared, in order", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ delay: fc.nat(1000), cleared: fc.boolean() })), (timers) => {
      const time = new VirtualTime();
      const fired: number[] = [];
      const handles = timers.map(({ delay }, i) => time.set(() => fired.push(i), delay));
      timers.forEach(({ cleared }, i) => {
        if (cleared) time.clear(handles[i]);
      });
      time.run(1000);
      const expected = timers
        .map((timer, i) => ({ ...timer, i }))
        .filter(({ cleared }) => !cleared)
        .sort((a, b) => a.delay - b.delay || a.i - b.i)
        .map(({ i }) => i);
      expect(fired).toEqual(expected);
      expect(time.pending).toBe(0);
    }),
    fuzz(500),
  );
});
