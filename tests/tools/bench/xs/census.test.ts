import { expect, test } from "vitest";
import { census } from "../../../../tools/bench/xs/census";
import { parseDump } from "../../../../tools/bench/xs/census-dump";
import { graphOf } from "../../../../tools/bench/xs/census-graph";

/** A class "cellar:Cellar" in flash, one instance of it in RAM with an array of two and a closure copied to RAM. */
const DUMP = `
@key 1 Cellar
@key 2 prototype
@key 3 shelf
@key 4 cellar
@key 5 count
@rom f000 instance 0 0 f010 0 0
@rom f010 module 1 0 f020 0 4
@rom f020 reference 1 0 0 f100 0
@rom f100 instance 0 0 f110 0 0
@rom f110 export 0 1 0 f200 0
@rom f200 reference 0 0 0 f300 0
@rom f300 instance 0 0 f310 0 0
@rom f310 code_x 1 0 f320 e000 0
@rom f320 reference 0 2 0 f400 0
@rom f400 instance 0 0 0 0 0
@slot 1000 instance 0 0 1010 0 f400
@slot 1010 reference 0 3 1020 1100 0
@slot 1020 integer 0 5 0 1100 0
@slot 1100 instance 0 0 1110 0 0
@slot 1110 array 1 0 0 9000 2
@item 9000 9000 integer 0 0 0 7 0
@item 9000 9010 reference 0 0 0 1200 0
@chunk 9000 28 0 0 0 0 0 0 0 0
@slot 1200 instance 0 0 1210 0 0
@slot 1210 code 1 0 1220 9100 1300
@slot 1220 home 1 0 0 0 0
@slot 1300 instance 0 0 0 0 0
@copy 9100 e010
@chunk 9100 3c 0
@slot 1400 undefined 0 0 1410 0 0
@slot 1410 undefined 0 0 0 0 0
@free 1400
@free 1410
@stack 1 2000 reference 0 0 0 1000 0
@root native 1300
@end`;

// Sizes of chunks are decimal.
const lines = DUMP.replace("9000 28 ", "9000 40 ").replace("9100 3c ", "9100 60 ").trim().split("\n");
const graph = graphOf(parseDump(lines));
const text = census(graph);

test("What is in use is counted, and what is free is not", () => {
  expect(text).toContain("In use: 9 slots and 100 bytes of chunks: 244 bytes.");
});

test("An object has the name of its class, with what it holds alone", () => {
  const cellar = graph.nodes.find(({ what }) => what === "cellar:Cellar")!;
  expect(cellar.slots.length).toBe(3);
  // Without the closure's scope, which native code holds too, and without what its number looks like.
  expect([cellar.retainedSlots, cellar.retained]).toEqual([8, 8 * 16 + 100]);
  expect(text).toContain("| cellar:Cellar | 1 | 3 | 0 | 48 |");
  expect(text).toContain("| array | 1 | 2 | 40 | 72 |");
});

test("A function is named after whom its bytecode is part of, and has its copy counted", () => {
  expect(text).toContain("Functions made at run time: 1; 1 have their bytecode in RAM, 60 bytes.");
  expect(text).toContain("| cellar:Cellar | 1 | 3 | 60 | 108 |");
});
