import { expect, test } from "vitest";
import { colourAt, STATUS_PATTERNS } from "../../../led/patterns";
import type { Status } from "../../../modules/device/status";
import { LedObserver, SIGHT_OF_STATUS } from "../../../sim/world/led-observer";

for (const brightness of [100, 40, 20, 8, 1]) {
  for (const status of Object.keys(SIGHT_OF_STATUS) as Status[]) {
    test(`The pattern of ${status} at ${brightness} % is seen as ${SIGHT_OF_STATUS[status]}`, () => {
      let now = 0;
      const observer = new LedObserver(() => now);
      for (; now < 5_000; now += 33) observer.saw(colourAt(STATUS_PATTERNS[status], now, brightness));
      expect(observer.sight).toBe(SIGHT_OF_STATUS[status]);
    });
  }
}

test("A light that was never driven is dark", () => {
  expect(new LedObserver(() => 0).sight).toBe("dark");
});

test("Just after a change nobody can tell yet", () => {
  let now = 0;
  const observer = new LedObserver(() => now);
  observer.saw({ r: 0, g: 0, b: 255 });
  now = 5_000;
  expect(observer.sight).toBe("solid blue");
  observer.saw({ r: 255, g: 255, b: 255 });
  now = 5_500;
  expect(observer.sight).toBeUndefined();
  now = 7_600;
  expect(observer.sight).toBe("solid white");
});

test("A pulse that stops in the middle is solid, not pulsing", () => {
  let now = 0;
  const observer = new LedObserver(() => now);
  for (; now < 4_000; now += 33) observer.saw(colourAt(STATUS_PATTERNS.connecting, now, 100));
  now += 2_100;
  expect(observer.sight).toBe("solid blue");
});
