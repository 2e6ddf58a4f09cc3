import fc from "fast-check";
import { expect, test } from "vitest";
import { dominators } from "../../../../tools/bench/xs/dominators";
import { fuzz } from "../../../support/volume";

test("Who is reached on two ways belongs to where they part", () => {
  //   0 → 1 → 3, 1 → 2 → 3 → 4
  expect(dominators([[1], [2, 3], [3], [4], []])).toEqual([-1, 0, 1, 1, 3]);
});

test("A ring belongs to the one who holds it", () => {
  expect(dominators([[1], [2], [3], [2]])).toEqual([-1, 0, 1, 2]);
});

test("Who is not reached has no owner", () => {
  expect(dominators([[], [0, 2], [1]])).toEqual([-1, -1, -1]);
});

/** Nodes that can be reached from 0 without passing `without`. */
function reachable(targets: readonly number[][], without: number): Set<number> {
  const seen = new Set<number>(without === 0 ? [] : [0]);
  for (const node of seen) for (const target of targets[node]!) if (target !== without) seen.add(target);
  return seen;
}

test("Without its dominator no node is reached, and without any other one that does not dominate that one it is", () => {
  const graphs = fc
    .integer({ min: 1, max: 9 })
    .chain((count) =>
      fc.array(fc.array(fc.nat(count - 1), { maxLength: 3 }), { minLength: count, maxLength: count }),
    );
  fc.assert(
    fc.property(graphs, (targets) => {
      const dominator = dominators(targets);
      const all = reachable(targets, -1);
      targets.forEach((_, node) => {
        if (node === 0 || !all.has(node)) {
          expect(dominator[node]).toBe(-1);
          return;
        }
        const path: number[] = [];
        for (let at = dominator[node]!; at !== -1; at = dominator[at]!) path.push(at);
        for (const other of all)
          if (other !== node) expect(reachable(targets, other).has(node)).toBe(!path.includes(other));
      });
    }),
    fuzz(100),
  );
});
