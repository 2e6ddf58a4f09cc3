// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs as texts
// Programs that look like what the shrinker rewrites, and are something else.
import type { Files } from "./behaviour";

export const HOSTILE: Record<string, Files | string> = {
  "A line in a template literal that looks like a function":
    "export const text = `a\nfunction fake(x) {\n  return x;\n}\nb`;\nexport function run() { return text; }",
  "A line in a template literal that looks like a constant":
    "export const text = `\nconst LIMIT = 5;\n`;\nconst LIMIT = 6;\nexport const run = () => [text, LIMIT];",
  "A line in a template literal that looks like a private member":
    "class A {\n  #count = 1;\n  text = `\n  #count = 1;\n  #count;\n  _0;\n`;\n  get() { return [this.#count, this.text]; }\n}\nexport const run = () => new A().get();",
  "Texts, comments and regular expressions that look like code":
    'class A { #x = 1; get() { return this.#x; } }\n/* this.#x const LIMIT = 5; */\n// function f() {\nexport const run = () => ["this.#x", /this.#x/.source, "}", "const X = 1;", new A().get()];',
  "An import in a text":
    'const LIMIT = 3;\nexport const run = () => [\'\\nimport { LIMIT } from "./other";\\n\', `\nimport { LIMIT } from "./other";\n`, LIMIT];',
  "A public method named like another class's private one": {
    "main.ts":
      "class A { private start() { return 1; } run() { return this.start(); } }\nclass B { start() { return 2; } run() { return this.start(); } }\nexport function run() { const b = new B(); const { start } = b; return [new A().run(), b.run(), start()]; }",
  },
  "A public method named like a private one of its module, called from another": {
    "main.ts": 'import { A, B } from "./rooms";\nexport const run = () => [new A().run(), new B().start()];',
    "rooms.ts":
      "export class A { private start() { return 1; } run() { return this.start(); } }\nexport class B { start() { return 2; } run() { return this.start(); } }",
  },
  "A public method of one module named like a private one of another": {
    "main.ts":
      'import { Engine } from "./engine";\nclass A { private start() { return new Engine().start(); } run() { return this.start(); } }\nexport const run = () => new A().run();',
    "engine.ts": "export class Engine { start() { return 'engine'; } }",
  },
  "A private method of another instance": {
    "main.ts":
      "class A { private twice() { return 2; } sum(other: A) { return this.twice() + other.twice(); } }\nexport const run = () => new A().sum(new A());",
  },
  "A private method asked for by its text": {
    "main.ts":
      'class A { private secret() { return 7; } any() { return this["secret"](); } }\nexport const run = () => new A().any();',
  },
  "A private method asked for by its text in another module": {
    "main.ts":
      'import { A } from "./a";\nexport const run = () => [new A()["secret"](), "secret" in new A(), new A().open()];',
    "a.ts": "export class A { private secret() { return 7; } open() { return this.secret(); } }",
  },
  "A private member taken apart": {
    "main.ts":
      "class A { private count = 5; copy() { const { count } = this; return count; } }\nexport const run = () => new A().copy();",
  },
  "A private static method, and an instance's of the same name": {
    "main.ts":
      "class A { private static make() { return 1; } private make() { return 2; } both() { return [A.make(), this.make()]; } }\nexport const run = () => new A().both();",
  },
  "A private getter and setter": {
    "main.ts":
      "class A { #v = 1; private get value() { return this.#v; } private set value(v: number) { this.#v = v; } add() { this.value += 2; return this.value; } }\nexport const run = () => new A().add();",
  },
  "A private method used in a function with a this of its own": {
    "main.ts":
      "class A { private n() { return 1; } m() { return { n: () => 2, f: function (this: { n(): number }) { return this.n(); } }; } own() { return this.n(); } }\nexport const run = () => { const o = new A().m(); return [o.f(), new A().own()]; };",
  },
  "Private names below a class that has some too":
    "class A { #a = 1; #z = 3; getA() { return [this.#a, this.#z]; } }\nclass B extends A { #b = 2; #z = 4; getB() { return [this.#b, this.#z]; } }\nexport const run = () => { const b = new B(); return [b.getA(), b.getB()]; };",
  "Private names below a class of another module": {
    "main.ts":
      'import { Base } from "./base";\nclass Below extends Base { #x = 2; both() { return [this.#x, this.base()]; } }\nexport const run = () => new Below().both();',
    "base.ts": "export class Base { #x = 1; base() { return this.#x; } }",
  },
  "A base class that calls what sets a private name of the class below":
    "class A { constructor() { this.init(); } init() {} }\nclass B extends A { #x; init() { try { this.#x = 5; } catch { return; } } get() { return this.#x; } }\nexport const run = () => [new B().get()];",
  "A class expression as the base":
    "const mix = (Base) => class extends Base { #x = 1; x() { return this.#x; } };\nclass A { #x = 5; a() { return this.#x; } }\nconst B = mix(A);\nexport const run = () => { const b = new B(); return [b.x(), b.a()]; };",
  "Asking whether an object has a private name":
    "class A { #x = 1; static is(o) { return #x in o; } }\nclass B { #x = 1; get() { return this.#x; } }\nexport const run = () => [A.is(new A()), A.is(new B()), A.is({}), A.is(Object.create(new A())), new B().get()];",
  "Asking for a private name by trying":
    "class A { #x = 1; static is(o) { try { o.#x; return true; } catch { return false; } } }\nclass B { #x = 2; get() { return this.#x; } }\nexport const run = () => [A.is(new A()), A.is(new B()), new B().get()];",
  "An instance as JSON":
    "class A { a = 1; #b = 2; text() { return JSON.stringify(this) + this.#b; } }\nexport const run = () => new A().text();",
  "An instance as JSON, from outside":
    "class A { a = 1; #b = 2; b() { return this.#b; } }\nexport const run = () => { const a = new A(); return [JSON.stringify(a), JSON.stringify({ list: [new A()] }), a.b()]; };",
  "An instance copied and listed":
    "class A { a = 1; #b = 2; copy() { return { ...this }; } keys() { return Object.keys(this); } rest() { const { a, ...rest } = this; return rest; } b() { return this.#b; } }\nexport const run = () => { const a = new A(); const names = []; for (const name in a) names.push(name); return [a.copy(), a.keys(), a.rest(), names, a.b()]; };",
  "A frozen instance that counts":
    "class A { #n = 0; constructor() { Object.freeze(this); } next() { return ++this.#n; } }\nexport const run = () => { const a = new A(); return [a.next(), a.next()]; };",
  "A constructor that returns another object":
    "class A { constructor(o) { return o; } }\nclass B extends A { #x = 1; static read(o) { return o.#x; } }\nexport const run = () => { const o = { a: 1 }; new B(o); return [Object.keys(o), B.read(o)]; };",
  "Static blocks, accessors and private static members":
    "class A { static #n = 1; static #list = []; static { this.#n = 2; A.#list.push(A.#n); } static get #twice() { return A.#n * 2; } #v = 3; get #w() { return this.#v; } set #w(v) { this.#v = v; } #m() { this.#w = 9; return this.#w; } static all() { return [A.#n, A.#list, A.#twice, new A().#m()]; } }\nexport const run = () => A.all();",
  "Classes in classes that use each other's private names":
    "class A { #x = 1; make() { const outer = this; return new (class { #x = 2; #y = 3; both() { return [this.#x, this.#y, outer.#z]; } })(); } #z = 4; x() { return this.#x; } }\nexport const run = () => [new A().make().both(), new A().x()];",
  "Optional chains to private names":
    "class A { #x = { y: 1 }; #f() { return this.#x; } static get(a) { return [a?.#x, a?.#x?.y, a?.#f?.().y]; } }\nexport const run = () => [A.get(new A()), A.get(undefined), A.get(null)];",
  "Properties that are named like the short names":
    "class A { #a = 1; #b = 2; _0 = 'mine'; ['_' + 1] = 'computed'; get() { return [this.#a, this.#b, this._0, this._1]; } }\nexport const run = () => new A().get();",
  "A property looked up by a name that is made":
    "class A { #a = 1; b = 2; has(name) { return this[name]; } get() { return this.#a; } }\nexport const run = () => [new A().has('_' + '0'), new A().has('b'), new A().get()];",
  "A private field that an earlier field's value has set": {
    "main.ts":
      "class A { first = this.set(); private later?: number; set() { this.later = 5; return 1; } get() { return this.later; } }\nexport const run = () => [String(new A().get())];",
  },
  "A public field without a value":
    "class A { _q;\n  _7;\n  x; }\nexport const run = () => Object.keys(new A());",
  "Private methods in their own order of use":
    "export class A { #go() { return this.#n++; } #n = 0; go = () => this.#go(); }\nexport const run = () => { const a = new A(); const { go } = a; return [go(), go()]; };",
  "Constants shadowed by everything that can":
    "const LIMIT = 5;\nclass K { LIMIT = 9; m({ LIMIT }) { return LIMIT; } }\nexport const run = () => {\n  const a = ((LIMIT) => LIMIT)(1);\n  const b = (({ LIMIT }) => LIMIT)({ LIMIT: 2 });\n  const c = (([LIMIT = 3]) => LIMIT)([]);\n  let d; try { throw 4; } catch (LIMIT) { d = LIMIT; }\n  let e = 0; for (const LIMIT of [6]) e += LIMIT;\n  let g = 0; LIMIT: for (;;) { g = LIMIT; break LIMIT; }\n  const h = (function LIMIT() { return typeof LIMIT; })();\n  const i = (function () { var r = LIMIT; var LIMIT = 8; return r; })();\n  const j = ((a = LIMIT) => { var LIMIT = 1; return [a, LIMIT]; })();\n  { function LIMIT() {} } { class LIMIT {} }\n  switch (1) { case 1: let LIMIT = 2; e += LIMIT; }\n  return [a, b, c, d, e, g, h, i, j, new K().m({ LIMIT: 7 }), new K().LIMIT, LIMIT];\n};",
  "A constant in a property in short, in names and in labels":
    "const LIMIT = 5;\nconst __proto__ = 6;\nexport const run = () => [{ LIMIT }, { LIMIT: 1 }.LIMIT, { [LIMIT]: 2 }, Object.keys({ __proto__ }), { a: LIMIT }];",
  "Negative numbers, minus nothing and exponents":
    "const NEGATIVE = -5;\nconst ZERO = -0;\nconst POWER = 2 ** 3;\nconst SUM = 0.1 + 0.2;\nexport const run = () => [(NEGATIVE) ** 2, -NEGATIVE, 3-NEGATIVE, 3 - -NEGATIVE, Object.is(ZERO, -0), POWER ** 2, 2 ** NEGATIVE, NEGATIVE.toFixed(1), SUM, typeof NEGATIVE, `${NEGATIVE}`];",
  "Numbers that are none, and numbers of any writing":
    "const NOT = 0 / 0;\nconst MOST = 1 / 0;\nconst A = 1_000;\nconst B = 0xff_ff;\nconst C = 0b101;\nconst D = 0o17;\nconst E = 1e3;\nconst F = .5;\nconst G = 10n;\nconst H = 1e21;\nconst I = ~7 >>> 0;\nexport const run = () => [Number.isNaN(NOT), MOST, A, B, C, D, E, F, String(G), H, I, 5..toFixed(1), A.toString(2)];",
  "Numbers in text, and text in numbers":
    'const LIMIT = 5;\nconst NAME = "LIMIT";\nconst WORDS = LIMIT + "x";\nexport const run = () => [NAME, WORDS, `LIMIT ${LIMIT}`, /LIMIT/.test(NAME)];',
  "A line that goes on after one without a semicolon":
    "const LIMIT = -5\nconst list = [1, 2]\nlet a = list\nLIMIT\nlet b = a\nexport const run = () => [b, LIMIT]",
  "A constant read before it is there":
    "export const early = LIMIT;\nconst LIMIT = 5;\nexport const run = () => early;",
  "A constant made of one that is not there yet":
    "const A = B + 1;\nconst B = 2;\nexport const run = () => [A, B];",
  "A constant of a module in a circle, read too early": {
    "main.js":
      'import { two } from "./two";\nexport const LIMIT = 5;\nexport const run = () => [LIMIT, two];',
    "two.js": 'import { LIMIT } from "./main";\nexport const two = LIMIT + 1;',
  },
  "A function of a module in a circle, called before that is evaluated": {
    "main.js":
      'import { two } from "./two";\nexport function one() { return 1; }\nexport const run = () => [one(), two];',
    "two.js": 'import { one } from "./main";\nexport const two = one() + 1;',
  },
  "Constants exported under other names, again and by default": {
    "main.js":
      'import { A as X, B } from "./two";\nimport standard from "./two";\nimport * as all from "./three";\nexport { A, B as Y } from "./two";\nexport { X };\nexport const run = () => [X, B, standard, all.C, Object.keys(all).sort()];',
    "two.js": "const A = 1;\nconst Q = 2;\nexport { A, Q as B };\nexport default A;",
    "three.js": 'export const C = 3;\nexport * from "./two";',
  },
  "A constant that is the default export": "const A = 4;\nexport default A;\nexport const run = () => A;",
  "Two constants in one declaration": {
    "main.js": 'import { A, b } from "./two";\nexport const run = () => [A, b.x];',
    "two.js": "export const A = 5, b = { x: A + 1 };",
  },
  "A module imported for a number, which does more": {
    "main.js":
      'import { A } from "./two";\nimport { list } from "./list";\nexport const run = () => [A, list];',
    "two.js": 'import { list } from "./list";\nexport const A = 5;\nlist.push("two was here");',
    "list.js": "export const list = [];",
  },
  "A function that is constructed, one that is asked for its prototype":
    "function Old() {}\nfunction Older() {}\nOlder.prototype.x = 5;\nfunction Base() {}\nclass Below extends Base {}\nexport const run = () => [new Old() instanceof Old, typeof new Below(), Older.prototype.x];",
  "A function that is constructed in another module": {
    "main.js":
      'import { Old } from "./two";\nexport const run = () => { const Made = Old; return [typeof new Made(), typeof new Old()]; };',
    "two.js": "export function Old() {}",
  },
  "Functions that are constructed where they have no name":
    "function Old() {}\nfunction Older() {}\nfunction make(Made) { return new Made(); }\nconst table = { Old };\nexport const run = () => [typeof new table.Old(), typeof make(Older)];",
  "Functions that are asked for what they construct":
    "function Old() {}\nconst table = [Old];\nexport const run = () => [{} instanceof table[0], typeof table[0].prototype];",
  "A function with a this, arguments or target of its own":
    "function own() { return this; }\nfunction count() { return arguments.length; }\nfunction target() { return new.target; }\nfunction inside() { return (() => arguments[0])(); }\nfunction inText() { return 'this arguments'; }\nexport const run = () => [own(), count(1, 2), target(), inside(7), inText()];",
  "Generators and asynchronous functions":
    "export function* many() { yield 1; yield 2; }\nasync function later() { return 3; }\nexport const run = async () => [[...many()], await later()];",
  "A function that is called before the line where it is declared":
    "export const table = [twice(2)];\nfunction twice(x) { return x * 2; }\nexport const run = () => table;",
  "A function that is assigned anew":
    "function f() { return 1; }\nf = () => 2;\nexport const run = () => f();",
  "A function with defaults and parameters taken apart":
    "const TWO = 2;\nfunction f({ a = TWO, ...rest }, [b] = [TWO], ...more) { return [a, rest, b, more]; }\nexport const run = () => f({ c: 1 }, undefined, 3);",
  "A default export that is a function": {
    "main.js": 'import f from "./two";\nexport const run = () => f(2);',
    "two.js": "export default function twice(x) {\n  return x * 2;\n}",
  },
  "A function after a comment between its parameters and its body":
    "function f(a /* ) { */, b) // ) {\n{\n  return a + b;\n}\nexport const run = () => f(1, 2);",
};

/** As modules, whichever way it is written. */
export function filesOf(program: Files | string): Files {
  return typeof program === "string" ? { "main.js": program } : program;
}
