import { beforeEach, expect, test } from "vitest";
import { Storm } from "../../../sim/live/storm";

const HOUR = 3_600_000;
let turns: string[];
let said: string[];
let storm: Storm;
beforeEach(() => {
  turns = [];
  said = [];
  storm = new Storm({
    turn: (kind, on) => turns.push(`${kind} ${on}`),
    say: (text) => said.push(text),
  });
});

/** Minute by minute. */
function pass(fromMs: number, toMs: number): void {
  for (let now = fromMs; now < toMs; now += 60_000) storm.look(now);
}

test("Without weather nothing is taken away", () => {
  pass(0, 24 * HOUR);
  expect(storm.on).toBe(false);
  expect(turns).toEqual([]);
});

test("A day of weather takes each thing away and brings it back before the next", () => {
  storm.begin(7, 0);
  pass(0, 48 * HOUR);
  const kinds = new Set(turns.map((turn) => turn.split(" ")[0]));
  expect(kinds).toEqual(new Set(["router", "internet", "power", "broker"]));
  for (let i = 0; i + 1 < turns.length; i += 2)
    expect([turns[i], turns[i + 1]]).toEqual([
      expect.stringMatching(/ false$/),
      turns[i]!.replace("false", "true"),
    ]);
  expect(said[0]).toBe("router out");
  expect(said[1]).toBe("router back");
});

test("Weather that ends gives back what it has taken, and only that", () => {
  storm.begin(7, 0);
  for (let now = 0; turns.length === 0; now += 60_000) storm.look(now);
  storm.end();
  expect(turns).toEqual(["router false", "router true"]);
  storm.end();
  expect(turns).toHaveLength(2);
});

test("A world that is gone gets nothing back", () => {
  storm.begin(7, 0);
  for (let now = 0; turns.length === 0; now += 60_000) storm.look(now);
  storm.forget();
  storm.end();
  expect(turns).toEqual(["router false"]);
});
