import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../tools/base/sdk.mjs";
import { EQUIVALENT, markEquivalent } from "../../tools/mutants/equivalent.mjs";
import { instrument } from "../../tools/mutants/instrument.mjs";
import { sample } from "../../tools/mutants/sample.mjs";
import { rowsOf, scoreOf, withRows } from "../../tools/mutants/table.mjs";
import { suitesOf, TARGETS } from "../../tools/mutants/targets.mjs";

const mutantsOf = (source: string): string[] =>
  instrument("a.ts", `function f() { ${source} }`, 1).mutants.map(({ from, to }) => `${from} => ${to}`);

/** What `source` answers with the mutant that turns `from` into `to` switched on, or with none. */
function run(source: string, change?: string): unknown {
  const { code, mutants } = instrument("a.ts", source, 1);
  const active = mutants.find(({ from, to }) => `${from} => ${to}` === change)?.id;
  if (change !== undefined) expect(active).toBeDefined();
  const program = new Function("__mutant", "__mutantStep", `${code}; return f();`);
  return program(
    (id: number) => id === active,
    () => {},
  );
}

test.each([
  ["g(a < b);", ["a < b => a <= b", "a < b => a >= b"]],
  ["if (a < b) g = 1;", ["a < b => a <= b", "a < b => !(a < b)"]],
  ["if (a) return;", ["a => !(a)", "return; => "]],
  ["return a && (b || c);", ["a && (b || c) => a || (b || c)", "b || c => b && c"]],
  ["return a ? b : c;", ["a ? b : c => a ? c : b"]],
  ["g = a + 1;", ["a + 1 => a - 1", "1 => (2)"]],
  ["g = a.slice(2);", ["2 => (3)"]],
  ["g = a + ' ' + 1;", []],
  ["g = true;", ["true => false"]],
  ["g();", ["g(); => "]],
  ["this.log.warn(a ? b + 1 : text);", []],
  ["g = a?.b;", ["a?.b => a.b"]],
  ["a?.();", ["a?.(); => ", "a?.() => a()"]],
  ["g = a >= 4;", ["a >= 4 => a > 4", "a >= 4 => a < 4", "4 => (3)"]],
])("%s is changed in one place at a time", (source, changes) => {
  const [, ...rest] = [undefined, ...mutantsOf(source)].filter((one) => one !== "g(a < b); => ");
  expect(rest.map((one) => one!.replace(/^(.+) => $/, "$1 => "))).toEqual(changes);
});

test("what runs while a module is loaded, types and names of properties are left alone", () => {
  const source = "const A = 1 + 2; type B = { a: 1 | 2 }; const C = { 1: A };";
  expect(instrument("a.ts", source, 1).mutants).toEqual([]);
});

test("a program with all its mutants does what it did, and with one of them something else", () => {
  const source =
    "function f() { let sum = 0; for (let i = 0; i < 3; i++) { if (i !== 1) sum += i * 2; } return sum; }";
  expect(run(source)).toBe(4);
  expect(run(source, "i < 3 => i <= 3")).toBe(10);
  expect(run(source, "i * 2 => i / 2")).toBe(1);
  expect(run(source, "i !== 1 => !(i !== 1)")).toBe(2);
});

test("leaving out a call in one branch keeps the other branch's else", () => {
  const source =
    "function f() { let x = 0; const g = () => { x = 1; }; if (x > 5) g(); else x = 2; return x; }";
  expect(run(source, "g(); => ")).toBe(2);
});

test("`a - (b - c)` keeps its brackets when its first sign is turned", () => {
  expect(run("function f() { return 9 - (4 - 1); }", "9 - (4 - 1) => 9 + (4 - 1)")).toBe(12);
});

test("a share is chosen by its seed, and is about as large as it says", () => {
  const all = Array.from({ length: 2_000 }, (_, n) => n);
  expect(sample(all, 0.1, 7)).toEqual(sample(all, 0.1, 7));
  expect(sample(all, 0.1, 7)).not.toEqual(sample(all, 0.1, 8));
  expect(Math.abs(sample(all, 0.1, 7).length - 200)).toBeLessThan(60);
  expect(sample(all, 1, 7)).toEqual(all);
});

test("an equivalent mutant that is not in the code any more is told", () => {
  const mutants = instrument("a.ts", "function f() { return a < b; }", 1).mutants;
  const table: typeof EQUIVALENT = {
    "a.ts": [
      ["f", "a < b", "a <= b", "they never meet"],
      ["f", "a < c", "a <= c", "gone"],
    ],
  };
  expect(markEquivalent(["a.ts"], mutants, table)).toEqual([expect.stringContaining('"a < c" in f')]);
  expect(mutants.map((mutant) => (mutant as { equivalent?: string }).equivalent)).toEqual([
    "they never meet",
    undefined,
  ]);
});

test("every entry of the table of equivalent mutants is in the code as it stands", () => {
  const unfound = Object.keys(EQUIVALENT).flatMap((file) =>
    markEquivalent([file], instrument(file, readFileSync(join(ROOT, file), "utf8"), 1).mutants),
  );
  expect(unfound).toEqual([]);
  const mutated = TARGETS.flatMap(({ files }) => files);
  expect(Object.keys(EQUIVALENT).filter((file) => !mutated.includes(file))).toEqual([]);
});

test.each(TARGETS.map((target) => [target.files[0]!, target] as const))(
  "the suites that cover %s are there",
  (_first, target) => {
    expect(target.files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(suitesOf(target).length).toBeGreaterThan(0);
  },
);

test("the table of docs/mutation.md takes new rows in place of old ones, and adds up", () => {
  const row = { tried: 10, killed: 9, equivalent: 1, on: "2026-01-02", commit: "abc1234" };
  const page = "Text\n<!-- mutants: written by npm run mutants -- --write -->\n\n<!-- end -->\nmore\n";
  const once = withRows(page, [
    { ...row, file: "b.ts" },
    { ...row, file: "a.ts" },
  ]);
  const twice = withRows(once, [{ ...row, file: "b.ts", killed: 10 }]);
  expect(rowsOf(twice).map(({ file, killed }) => [file, killed])).toEqual([
    ["a.ts", 9],
    ["b.ts", 10],
  ]);
  expect(twice).toContain("| all | 20 | 19 | 2 | 95.0 % | | |");
  expect(twice.startsWith("Text\n") && twice.endsWith("<!-- end -->\nmore\n")).toBe(true);
});

test("docs/mutation.md has a score of at least 90 % for every file that is mutated", () => {
  const rows = rowsOf(readFileSync(join(ROOT, "docs/mutation.md"), "utf8"));
  expect(rows.map(({ file }) => file)).toEqual(TARGETS.flatMap(({ files }) => files).sort());
  expect(rows.filter((row) => scoreOf(row) < 90)).toEqual([]);
});
