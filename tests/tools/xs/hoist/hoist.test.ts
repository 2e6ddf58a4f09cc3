// Many modules made one do what they did: small programs, run on Node before and after.
import { describe, expect, it } from "vitest";
import { hoist } from "../../../../tools/xs/hoist/index.mjs";
import { groupOf } from "../../../../tools/xs/hoist/members.mjs";
import { isPlain } from "../../../../tools/xs/hoist/plain.mjs";
import { outcomeApart } from "./realm";

type Codes = Record<string, string>;

/** `own` with all but `main` preloaded in order of the text, unless `preloads` says otherwise; `readers` are others'. */
interface Program {
  own: Codes;
  readers?: Codes;
  preloads?: string[];
}

const sources = (codes: Codes = {}) =>
  Object.entries(codes).map(([name, code]) => ({ name, file: `${name}.js`, code }));

const build = ({ own, readers, preloads = Object.keys(own).filter((name) => name !== "main") }: Program) => ({
  ...{ own: sources(own), readers: sources(readers), preloads },
});

async function compare(program: Program): Promise<{ members: string[]; codes: Codes; result: unknown }> {
  const all = { ...program.own, ...program.readers };
  const one = await hoist(build(program));
  const left = Object.entries(all).filter(([name]) => !one?.members.includes(name) || name === one?.carrier);
  const codes = { ...Object.fromEntries(left), ...Object.fromEntries(one?.codes ?? []) };
  const result = await outcomeApart(codes);
  const first = build(program).preloads.filter((name) => name !== "main");
  const main = `${first.map((name) => `import "${name}";`).join(" ")} ${all.main}`;
  expect(result).toEqual(await outcomeApart({ ...all, main }));
  return { members: one?.members ?? [], codes, result };
}

const LOG = "export const log = [];";

describe("Modules made one", () => {
  it("are evaluated in the order in which they were, what each needs before it", async () => {
    const { members, result } = await compare({
      own: {
        a: 'import { log } from "log"; import "./c"; log.push("A"); export const a = 1;',
        b: 'import { log } from "log"; log.push("B"); export const b = 2;',
        c: 'import { log } from "log"; log.push("C"); export const c = 3;',
        main: 'import { log } from "log"; import { b } from "./b"; import { a } from "./a"; import { c } from "./c"; export const run = () => [...log, a, b, c];',
      },
      readers: { log: LOG },
    });
    expect(members.sort()).toEqual(["a", "b", "c"]);
    expect(result).toMatchObject({ result: ["C", "A", "B", 1, 2, 3] });
  });

  it("keep names apart that each had for itself", async () => {
    const { codes } = await compare({
      own: {
        a: "const made = 1; class Part { of() { return made; } } export const a = () => new Part().of();",
        b: 'import { a as made } from "./a"; class Part { of() { return made() + 10; } } export const b = () => new Part().of();',
        main: 'import { a } from "./a"; import { b } from "./b"; const made = 5; export const run = () => [a(), b(), made];',
      },
    });
    expect(Object.keys(codes).length).toBe(2);
  });

  it("give what others take, under whatever name, and by default", async () => {
    await compare({
      own: {
        a: "export default class {}; export const same = 1; export let count = 0; export const more = () => ++count;",
        b: 'export { same as other } from "./a"; export const same = 2; export default () => "b";',
        c: 'export { default as A } from "./a"; export { default } from "./b";',
        main: `import A, { same, count, more } from "./a"; import { other, same as second } from "./b"; import c, { A as Again } from "./c";
          more(); export { other as given } from "./b"; export const run = () => [new A() instanceof Again, same, other, second, count, c()];`,
      },
    });
  });

  it("call each other across a circle of imports", async () => {
    const { members } = await compare({
      own: {
        even: 'import { odd } from "./odd"; export function even(n) { return n === 0 || odd(n - 1); }',
        odd: 'import { even } from "./even"; export function odd(n) { return n !== 0 && even(n - 1); }',
        main: 'import { even } from "./even"; import { odd } from "./odd"; export const run = () => [even(10), odd(10)];',
      },
    });
    expect(members.length).toBe(2);
  });

  it("lose what nobody needs any more, and keep what their evaluation does", async () => {
    const { codes } = await compare({
      own: {
        a: 'export const unused = () => "never"; export const a = 1;',
        b: 'import { log } from "log"; log.push(new Date(0).getTime()); export const b = 2;',
        main: 'import { log } from "log"; import { a } from "./a"; import "./b"; export const run = () => [...log, a];',
      },
      readers: { log: LOG },
    });
    expect(JSON.stringify(codes)).not.toContain("never");
  });

  it("stand in the place of the one that is started by its name", async () => {
    const { codes } = await compare({
      own: {
        a: "export const a = 1;",
        board: "export const board = 0;",
        main: 'import { a } from "./a"; export const run = () => a;',
      },
      preloads: ["a", "main", "board"],
    });
    expect(Object.keys(codes).sort()).toEqual(["board", "main"]);
  });
});

describe("Of a build there stay for themselves", () => {
  const members = (program: Program) => groupOf(...args(program))?.members.sort();
  const args = (program: Program): Parameters<typeof groupOf> => {
    const { own, readers, preloads } = build(program);
    return [own, readers, preloads];
  };
  const main = 'import "./a"; import "./b"; import "./c"; import "./d";';
  const own = { a: "", b: "", c: "", d: "", main };

  it("modules that are not preloaded", () => {
    expect(members({ own, preloads: ["a", "b"] })).toEqual(["a", "b"]);
  });

  it("those that a module of others may name, also in XS's own syntax", () => {
    expect(
      members({ own, readers: { sdk: 'class X @ "destroy" { x() @ "x"; };\nimport c from "c";' } }),
    ).toEqual(["a", "b", "d"]);
  });

  it("those that are asked for as a whole, or while it runs", () => {
    const asking = {
      ...own,
      main: `${main} import * as a from "./a"; export const load = () => import("./b");`,
    };
    expect(members({ own: asking })).toEqual(["c", "d"]);
  });

  it("those that would need the others before these are there", () => {
    const circle = { ...own, a: 'import "sdk"; import "./d";', b: 'import "./c";' };
    expect(members({ own: circle, readers: { sdk: 'import "./b";' } })).toEqual(["a", "d"]);
    const far = { ...own, a: 'import "sdk";', b: 'import "./c";' };
    expect(
      members({ own: far, readers: { sdk: 'import "other";', other: "", last: 'import "b";' } }),
    ).toEqual([...["a", "c", "d"]]);
  });

  it("all, where there are no two", () => {
    expect(members({ own: { a: "", main: 'import "./a";' } })).toBeUndefined();
  });
});

describe("Of JavaScript", () => {
  const plain = (code: string) =>
    isPlain({ name: "room/library", file: "library.js", code }, new Set(["room/a"]));

  it("goes along what is ECMAScript and takes nothing from us", () => {
    expect(plain('import x from "text/decoder"; export const a = x;')).toBe(true);
  });

  it.each([
    'export function f() @ "xs_f";',
    'export const f = () => native("xs_f").call(this);',
    'class A extends Native("xs_destructor") {}',
    'import { a } from "./a";',
    'export * from "./a";',
    "export const load = (name) => import(name);",
    "export const f = (text) => eval(text);",
  ])("stays what is: %s", (code) => {
    expect(plain(code)).toBe(false);
  });
});
