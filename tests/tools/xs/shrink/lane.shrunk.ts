import { expect, test } from "vitest";
import { LINK_FAILURE_WORDS } from "../../../../modules/network/link-failure";
import { Clock } from "../../../../modules/time/clock";

test("What npm run test:shrunk tests is what the device gets", () => {
  const source = String(Clock);
  expect(source).toMatch(/this\._\d/);
  expect(source).not.toContain("#");
  expect(Object.isFrozen(LINK_FAILURE_WORDS)).toBe(true);
  // One module, whose functions find each other as globals.
  const globals = Object.getOwnPropertyDescriptors(globalThis);
  expect(Object.values(globals).filter(({ value }) => value === LINK_FAILURE_WORDS)).toEqual([
    { value: LINK_FAILURE_WORDS, writable: false, enumerable: false, configurable: true },
  ]);
});
