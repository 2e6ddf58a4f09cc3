import { describe, expect, it } from "vitest";
import { shrink } from "../../tools/xs-shrink.mjs";

interface Module {
  source: string;
  read?: (specifier: string) => Module | undefined;
  privateMembers?: string[];
}

async function small(source: string, rest: Partial<Module> = {}): Promise<string> {
  return (await shrink({ source, ...rest })) as string;
}

async function load(code: string): Promise<Record<string, unknown>> {
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

const COUNTER = `
const STEP_MS = 2 * 1_000;
const LIMIT = STEP_MS + 1;
class Counter {
  #count = 0;
  #last;
  static #made = 0;
  constructor(start) { this.#count = start; Counter.#made += 1; }
  get #double() { return this.#count * 2; }
  #add(more) { this.#count += more; this.#last = more; }
  step() { this.#add(STEP_MS); return this.next(); }
  next() { return [this.#count, this.#last, this.#double, LIMIT, Counter.#made]; }
  same(other) { return other?.#count === this.#count; }
}
export function counted(start) { return new Counter(start).step(); }
export function compared() { return new Counter(1).same(new Counter(1)); }
export const text = "#count this.step";
`;

describe("A module made smaller for XS", () => {
  it("does what it did", async () => {
    const code = await small(COUNTER, { privateMembers: ["next", "step"] });
    const [before, after] = [await load(COUNTER), await load(code)];
    for (const module of [before, after]) {
      const { counted, compared } = module as { counted(start: number): unknown; compared(): boolean };
      expect(counted(5)).toEqual([2005, 2000, 4010, 2001, 1]);
      expect(compared()).toBe(true);
      expect(module.text).toBe("#count this.step");
    }
  });

  it("has no private names, no named numbers, no function declarations and no member without a value", async () => {
    const code = await small(COUNTER, { privateMembers: ["next", "step"] });
    expect(code.replace(/"[^"]*"/g, "")).not.toMatch(/#\w|STEP_MS|LIMIT|^function|^ +_\w+;$|\bnext\b/m);
  });

  it("keeps a private member's name that stands elsewhere as well", async () => {
    const code = await small("export class A { state = 1; copy() { return { state: this.state }; } }", {
      privateMembers: ["state"],
    });
    expect(code).toContain("this.state");
  });

  it("takes numbers from the modules that it imports, under the names that it gives them", async () => {
    const base: Module = { source: "export const HEADER_BYTES = 0x10;" };
    const read = (specifier: string): Module | undefined =>
      ({
        "./base": base,
        "./record": {
          source:
            'import { HEADER_BYTES } from "./base";\nexport const MOST = HEADER_BYTES * 3;\nexport const f = () => 1;',
          read: () => base,
        } as Module,
      })[specifier];
    const code = await small(
      'import { HEADER_BYTES as HEAD } from "./base";\nimport { MOST, f } from "./record";\nexport const sum = () => HEAD + MOST + f();',
      { read },
    );
    expect(code).not.toContain("./base");
    expect(code).toMatch(/import \{ f as \w+ \} from "\.\/record"/);
    expect(code).toContain("64");
  });

  it("leaves a number alone that is shadowed, and one that only the running program knows", async () => {
    const source =
      "const LIMIT = 5;\nconst NOW = Date.now();\nexport const f = (LIMIT) => LIMIT;\nexport const g = () => LIMIT;\nexport const now = NOW;";
    const { f, g, now } = (await load(await small(source))) as {
      f(x: number): number;
      g(): number;
      now: number;
    };
    expect([f(7), g()]).toEqual([7, 5]);
    expect(now).toBeGreaterThan(0);
  });

  it("lets code at top level call functions that are declared after it", async () => {
    const code = await small("export const table = [twice(2)];\nfunction twice(x) {\n  return x * 2;\n}");
    expect((await load(code)).table).toEqual([4]);
  });

  it("leaves a function with a `this` of its own a function", async () => {
    expect(await small("export function Old() {\n  this.x = 1;\n}")).toMatch(/function/);
  });

  it("refuses private names below a class of ours, whose short names could be the same", async () => {
    const source = "class A { #a = 1; }\nexport class B extends A {\n  #b = 2;\n}";
    await expect(small(source)).rejects.toThrow(/short names/);
  });
});
