import { expect, test } from "vitest";
import { Throttle } from "../../../sim/live/throttle";

test("A change is told once, and without one there is a word each second for the clock's sake", () => {
  let now = 0;
  let told = 0;
  const throttle = new Throttle(
    () => {
      told++;
    },
    () => now,
  );
  throttle.tell();
  expect(told).toBe(1);
  now = 100;
  throttle.tell();
  expect(told).toBe(1);
  throttle.mark();
  throttle.mark();
  throttle.tell();
  throttle.tell();
  expect(told).toBe(2);
  now = 1_099;
  throttle.tell();
  expect(told).toBe(2);
  now = 1_100;
  throttle.tell();
  expect(told).toBe(3);
});
