import { beforeEach, expect, test } from "vitest";
import { Outages, type Supply } from "../../../sim/live/outages";

const WELL: Supply = { router: true, internet: true, power: true, broker: true };
let outages: Outages;
beforeEach(() => {
  outages = new Outages();
});

test("What is out has a beginning, and an end once it is back", () => {
  expect(outages.look(WELL, 0)).toBe(false);
  outages.look({ ...WELL, internet: false }, 1_000);
  expect(outages.look({ ...WELL, internet: false }, 3_000)).toBe(true);
  expect(outages.list).toEqual([{ kind: "internet", from: 1_000 }]);
  expect(outages.look({ ...WELL, internet: false }, 4_000)).toBe(false);
  expect(outages.look(WELL, 9_000)).toBe(true);
  expect(outages.list).toEqual([{ kind: "internet", from: 1_000, to: 9_000 }]);
});

test("Two that overlap are two", () => {
  outages.look({ ...WELL, power: false }, 0);
  outages.look({ ...WELL, power: false, broker: false }, 2_000);
  outages.look({ ...WELL, broker: false }, 5_000);
  outages.look(WELL, 8_000);
  expect(outages.list).toEqual([
    { kind: "power", from: 0, to: 5_000 },
    { kind: "broker", from: 2_000, to: 8_000 },
  ]);
});

test("What is back within a second was a restart, or a scene being set", () => {
  outages.look({ ...WELL, power: false }, 0);
  outages.look({ ...WELL, power: false }, 999);
  expect(outages.look(WELL, 1_500)).toBe(false);
  expect(outages.list).toEqual([]);
});

test("It remembers two hundred, and the array changes only with what is in it", () => {
  for (let i = 0; i < 300; i++) {
    outages.look({ ...WELL, router: false }, i * 10_000);
    outages.look({ ...WELL, router: false }, i * 10_000 + 2_000);
    outages.look(WELL, i * 10_000 + 5_000);
  }
  expect(outages.list).toHaveLength(200);
  expect(outages.list.at(-1)).toEqual({ kind: "router", from: 2_990_000, to: 2_995_000 });
  const before = outages.list;
  outages.look(WELL, 4_000_000);
  expect(outages.list).toBe(before);
});
