import { expect, it } from "vitest";
import { type Published, Unsent } from "../../../modules/telemetry/unsent";
import { MemoryJournal } from "../../support/memory-journal";

/** Of a journal with `count` readings. */
function unsentOf(count: number): Unsent {
  const journal = new MemoryJournal();
  for (let n = 0; n < count; n++) journal.append({ co2: 400 + n }, { boot: 1, uptimeSeconds: n });
  return new Unsent(journal);
}
const out = (first: number, last: number, aside?: Published["aside"]): Published => ({ first, last, aside });
const read = (unsent: Unsent, from: number, before: number, max = 30): [number, number] => {
  const { first, length } = unsent.read(from, before, max);
  return [first, length];
};

it("gives what is between two batches that are out, and nothing where all is out", () => {
  const unsent = unsentOf(9);
  unsent.add(out(1, 2));
  unsent.add(out(6, 7));
  expect(read(unsent, 1, 100)).toEqual([3, 3]);
  expect(read(unsent, 6, 100)).toEqual([8, 2]);
  expect(read(unsent, 6, 8)).toEqual([0, 0]);
  expect(read(unsent, 1, 3)).toEqual([0, 0]);
  unsent.add(out(3, 5));
  unsent.add(out(8, 9));
  expect(read(unsent, 1, 100)).toEqual([0, 0]);
});

it("gives nothing at or behind the reading that it is to stay below", () => {
  const unsent = unsentOf(9);
  expect(read(unsent, 4, 4)).toEqual([0, 0]);
  expect(read(unsent, 4, 5)).toEqual([4, 1]);
  expect(read(unsent, 10, 100)).toEqual([0, 0]);
  const journal = new MemoryJournal();
  for (let n = 0; n < 5; n++) journal.append({ co2: 400 }, { boot: 1, uptimeSeconds: n });
  journal.mark(1, 3);
  expect(read(new Unsent(journal), 1, 3)).toEqual([0, 0]);
});

it("leaves what was set aside alone", () => {
  const unsent = unsentOf(9);
  unsent.aside.add(1, 2, 60_000, 0);
  unsent.aside.add(5, 5, 60_000, 0);
  expect(read(unsent, 1, 100)).toEqual([3, 2]);
  expect(read(unsent, 1, 100, 1)).toEqual([3, 1]);
});

it("takes a batch out once, and no other in its place", () => {
  const unsent = unsentOf(9);
  const batches = [out(1, 2), out(3, 4)];
  for (const batch of batches) unsent.add(batch);
  expect(unsent.remove(batches[0]!)).toBe(true);
  expect(unsent.remove(batches[0]!)).toBe(false);
  expect(unsent.inFlight).toBe(1);
  expect(read(unsent, 1, 100)).toEqual([1, 2]);
});

it("knows that something which was set aside is out again", () => {
  const unsent = unsentOf(9);
  unsent.add(out(1, 2));
  expect(unsent.isRetrying).toBe(false);
  unsent.add(out(3, 4, { pauseMs: 60_000, strikes: 0 }));
  expect(unsent.isRetrying).toBe(true);
});
