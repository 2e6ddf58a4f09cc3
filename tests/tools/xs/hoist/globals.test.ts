import { describe, expect, it } from "vitest";
import { globalized } from "../../../../tools/xs/hoist/globals.mjs";
import { outcomeApart } from "./realm";

const LIB = "export const given = 7; export default 9;";
/** Names enough for all. */
const WORDS = `export const words = { wordOne: 1, wordTwo: 2, wordThree: 3, wordFour: 4, wordFive: 5, wordSix: 6,
  wordSeven: 7, wordEight: 8, wordNine: 9, wordTen: 10, wordEleven: 11, wordTwelve: 12 };\n`;

/** The same result, and what stands there now. */
async function same(text: string, isTaken = (_name: string) => false): Promise<string> {
  const after = globalized(WORDS + text, isTaken);
  const result = await outcomeApart({ main: after, lib: LIB });
  expect(result).toEqual(await outcomeApart({ main: WORDS + text, lib: LIB }));
  expect(result).toHaveProperty("result");
  return after;
}

describe("What functions take from the module's top level they take from the global object", () => {
  it("constants, functions, classes and imports", async () => {
    const text = await same(`import lib, { given } from "lib";
      const a = 1, f = (x) => x + a, [p, q] = [3, 4];
      function g() { return f(given) + lib + p; }
      var K = class { #own = a; static made = f(1); of() { return [this.#own, K.made, g(), q]; } };
      class D extends K { of() { return [...super.of(), { a, f: f(2) }]; } }
      export const run = () => [new D().of(), new K() instanceof K];`);
    expect(text).toContain('defineProperty(globalThis, "wordOne"');
    expect(text).toMatch(/\(x\) => x \+ word/);
    expect(text).toContain("a: word");
  });

  it("and what is evaluated at once as before", async () => {
    const text = await same(
      "const a = 1, b = a + 1, c = (() => a + b)(); export const run = () => [a, b, c];",
    );
    expect(text).toContain("b = a + 1");
  });

  it("but not what changes, or is exported where it is declared", async () => {
    const text = await same(`let count = 0; export const step = 2; const more = () => (count += step);
      export const run = () => [more(), more(), count];`);
    expect(text).toContain("(count += step)");
  });

  it("which nobody can change", async () => {
    const text = await same("const a = 1; export const run = () => a;");
    expect(await outcomeApart({ main: `${text}\nglobalThis.wordOne = 2;` })).toBe("TypeError");
  });

  it("once before a loop that uses them, in the function that it is in", async () => {
    const text = await same(`const table = [1, 2, 3], most = 3;
      const sum = (list) => { let all = 0; for (let i = 0; i < most; i++) all += table[i] * list.map((x) => { do { x += most; } while (x < most); return x; })[i]; return all; };
      const first = (list) => { for (const each of list) return each + most; };
      const none = () => { while (true) return 5; };
      export const run = () => [sum([1, 2, 3]), first([4]), none()];`);
    expect(text).toMatch(/=> \{\nconst \$\$0 = word\w+, \$\$1 = word\w+; let all/);
    expect(text).toMatch(/\(x\) => \{\nconst \$\$0 = word\w+; do \{ x \+= \$\$0/);
    expect(text).toContain("none = () => { while");
  });

  it("and the build ends where an import is not there yet", async () => {
    const main = globalized(
      `${WORDS}import { late } from "lib"; export const run = () => late;`,
      () => false,
    );
    expect(await outcomeApart({ main, lib: "export let late;" })).toBe("Error");
  });

  it("apart from what shadows them", async () => {
    await same(`const a = "outer"; const b = (a) => [a, (() => { const a = "inner"; return a; })()];
      export const run = () => [a, b("given")];`);
  });

  it("under names that mean nothing else: to another module, to an engine, to the language", async () => {
    const text = `const a = 1, b = { delete: 1, trace: 2, Math: 3, device: 4, aName: 5, wordOne: 6 };
      export const run = () => [a, b, Math.max(1, 2)];`;
    const after = await same(text, (name) => name.startsWith("word") || name === "max");
    expect([...after.matchAll(/globalThis, "(\w+)"/g)].map(([, name]) => name)).toEqual(["aName"]);
  });
});
