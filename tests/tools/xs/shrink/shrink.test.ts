import { describe, expect, it } from "vitest";
import { shrinkProgram } from "../../../../tools/xs/shrink/index.mjs";
import { shrink } from "../../../../tools/xs/shrink.mjs";
import { type Files, outcome, shrunk, sources } from "./behaviour";

const COUNTER = `
const STEP_MS = 2 * 1_000;
const LIMIT = STEP_MS + 1;
class Counter {
  #count = 0;
  #last?: number;
  static #made = 0;
  constructor(start: number) { this.#count = start; Counter.#made += 1; }
  get #double() { return this.#count * 2; }
  #add(more: number) { this.#count += more; this.#last = more; }
  step() { this.#add(STEP_MS); return this.next(); }
  private next() { return [this.#count, this.#last, this.#double, LIMIT, Counter.#made]; }
  same(other?: Counter) { return other?.#count === this.#count; }
}
export function counted(start: number) { return new Counter(start).step(); }
export function compared() { return new Counter(1).same(new Counter(1)); }
export const text = "#count this.next";
export const run = () => [counted(5), compared(), text];
`;

/** The main module's text. */
async function main(files: Files): Promise<string> {
  return (await shrunk(files)).main!;
}

describe("A module made smaller for XS", () => {
  it("does what it did", async () => {
    expect(await outcome(await shrunk({ "main.ts": COUNTER }))).toEqual({
      exports: ["compared", "counted", "run", "text"],
      result: [[2005, 2000, 4010, 2001, 1], true, "#count this.next"],
    });
  });

  it("has no private names, no named numbers, no function declarations and no member without a value", async () => {
    const code = await main({ "main.ts": COUNTER });
    expect(code.replace(/"[^"]*"/g, "")).not.toMatch(/#\w|STEP_MS|LIMIT|^function|^ +_\w+;$|\bnext\b/m);
    expect(code).toMatch(/this\._0/);
  });

  it("has the same short names in every class, and others below a class that has them", async () => {
    const code = await main({
      "main.ts":
        "export class A { #a = 1; a() { return this.#a; } }\nexport class B { #b = 2; b() { return this.#b; } }\nexport class C extends A { #c = 3; c() { return this.#c; } }",
    });
    expect(code.match(/_\w = \d/g)).toEqual(["_0 = 1", "_0 = 2", "_1 = 3"]);
  });

  it("takes numbers from the modules that it imports, under the names that it gives them", async () => {
    const code = await shrunk({
      "main.js":
        'import { HEADER_BYTES as HEAD } from "./base";\nimport { MOST, f } from "./record";\nexport const sum = () => HEAD + MOST + f();',
      "record.js":
        'import { HEADER_BYTES } from "./base";\nexport const MOST = HEADER_BYTES * 3;\nexport const f = () => 1;',
      "base.js": "export const HEADER_BYTES = 0x10;",
    });
    expect(code.main).not.toContain("./base");
    expect(code.main).toMatch(/import \{ f as \w+ \} from "\.\/record"/);
    expect(code.main).toContain("64");
    expect(code.record).not.toMatch(/base|MOST|48/);
    expect(code.base).toBe("");
  });

  it("keeps no export that nobody takes, and all of a module that somebody else starts", async () => {
    const code = await shrunk({
      "main.js": 'import { used } from "./two";\nexport const a = used();\nnew Worker("worker");',
      "two.js":
        "export function used() { return own(); }\nexport function own() { return 1; }\nexport function unused() { return 2; }",
      "worker.js": "export const b = 1;",
    });
    expect(code.main).toMatch(/as a\b/);
    expect(code.two!.match(/as \w+/g)).toEqual(["as used"]);
    expect(code.two).not.toContain("2");
    expect(code.worker).toMatch(/as b\b/);
  });

  it("keeps a number for what is not made smaller with it", async () => {
    const made = await sources({ "main.js": 'import { A } from "./two";\nexport const a = () => A;' });
    const code = await shrinkProgram([
      ...made,
      { name: "two", file: "two.js", code: "export const A = 5;\nexport const B = 6;" },
      { name: "codec", file: "codec.js", code: 'import { A } from "./two";', isReader: true },
    ]);
    expect(code.get("two")).toMatch(/5[\s\S]*as A\b/);
    expect(code.get("two")).not.toContain("6");
    expect(code.get("main")).toContain("5");
  });

  it("leaves a function with a `this` of its own a function", async () => {
    expect(await shrink({ source: "export function Old() {\n  this.x = 1;\n}" })).toMatch(/function/);
  });

  it("is refused where its text may name anything, with the place in its source", async () => {
    const source = {
      name: "room/main",
      file: "room/main.ts",
      typescript: "",
      sourceLine: (line: number) => line * 10,
    };
    const refused = shrinkProgram([
      { ...source, code: "const LIMIT = 5;\nexport const run = (text) => eval(text);" },
    ]);
    await expect(refused).rejects.toThrow("room/main.ts:20: eval may name anything");
  });

  it("is refused where it is not JavaScript", async () => {
    const refused = shrinkProgram([{ name: "main", file: "main.js", code: "const a = 1;\nconst = 2;" }]);
    await expect(refused).rejects.toThrow(/^main\.js:2: /);
  });
});
