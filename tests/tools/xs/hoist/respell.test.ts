import { describe, expect, it } from "vitest";
import { respelled } from "../../../../tools/xs/hoist/respell.mjs";
import { outcome } from "../shrink/behaviour";

/** The same result, and what stands there now. */
async function same(
  text: string,
  lib = "export const given = 7, other = 8; export default 9;",
): Promise<string> {
  const after = respelled(text);
  expect(await outcome({ main: after, lib })).toEqual(await outcome({ main: text, lib }));
  expect(await outcome({ main: after, lib })).toHaveProperty("result");
  return after;
}

describe("Variables take names that properties have", () => {
  it("wherever they are declared", async () => {
    const text = await same(`import a, { given, other as b } from "./lib";
      const c = { first: 1, second: 2, third: 3, fourth: 4, fifth: 5, sixth: 6, seventh: 7, eighth: 8, ninth: 9, tenth: 10, s11: 1, s12: 2 };
      const { first: d, ["second"]: e, missing: f = 3, ...g } = c;
      const [h, , i = 4, ...j] = [1, 2, undefined, 5, 6];
      class K { static made = [d]; of(l, { m = l } = {}) { return [l, m, K.made]; } }
      function n(o) { try { throw o; } catch (p) { return p; } }
      q: for (const r of j) { for (let s = 0; s < 2; s++) continue q; }
      var t; t ??= (u) => u + 1;
      export { c as again };
      export const run = () => [a, given, b, d, e, f, Object.keys(g).length, h, i, j, new K().of(1), n(2), t(3)];`);
    expect(text).not.toMatch(/\b(const|let|function|class|var|catch \() ?[a-z]\b/);
  });

  it("also where one word is a variable and a property", async () => {
    await same(`const a = 1, b = 2; let c = 3;
      const d = { a, b, one: 1, two: 2, three: 3, four: 4 };
      const e = ({ a, c = 5 }) => [a, c];
      ({ c } = { c: a });
      ({ b: c = 9 } = {});
      export { a };
      export const run = () => [d.a, d.b, e(d), c, { c, run }.c, Object.keys({ a, b, c })];`);
  });

  it("and keep apart what shadows each other", async () => {
    await same(`const a = "outer"; const b = (a) => { const c = a; { const a = "inner"; return [a, c]; } };
      export const run = () => [a, b("given"), { x1: 1, x2: 2, x3: 3, x4: 4 }.x1];`);
  });

  it("but for globals, words of the language, and names that are taken", async () => {
    const text =
      await same(`const a = { class: 1, let: 2, eval: 3, arguments: 4, Math: 5, async: 6, of: 7, await: 8, fine: 9 };
      const b = Math.max(1, 2), c = 3;
      const d = (Math) => Math;
      export const run = () => [a.class, a.let, a.eval, a.arguments, a.Math, a.async, a.of, a.await, a.fine, b, c, d(4)];`);
    expect(text).toContain("Math.max(1, 2)");
  });

  it("or those of other modules, or the language's own", () => {
    const text = "const a = 1, b = 2, c = 3; export const run = () => a + b + c;";
    expect(respelled(text, ["first", "delete", "b"])).toContain("const first = 1, length = 2, name = 3");
  });
});

it("Constants are spelled as XS has them shortest", async () => {
  expect(await same("export const run = () => [!0, !1, void 0, !2, -0, !-1, typeof void 0, !!0];")).toContain(
    "[true, false, void null, false, -0, !-1, typeof void null, !true]",
  );
});
