// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs as texts
// Small programs made at random: two modules of constants, functions and classes that shadow, inherit and quote each
// other's names.
import fc from "fast-check";
import { expect, it } from "vitest";
import { limit } from "../../../support/limit";
import { fuzz, LONG } from "../../../support/volume";
import { after, before, type Files } from "./behaviour";

const RUNS = LONG ? 500 : 60;
const NAMES = ["LIMIT", "MOST", "count", "_0"] as const;

const name = fc.constantFrom(...NAMES);
const number = fc.constantFrom(
  "0",
  "-0",
  "7",
  "-3",
  "0x1f",
  "1_000",
  "1e3",
  ".5",
  "2 ** 3",
  "~1",
  "(2 + 3) * -4",
);

/** An expression of numbers whose names are declared before it. */
function expression(names: readonly string[]): fc.Arbitrary<string> {
  const leaf = names.length ? fc.oneof(number, fc.constantFrom(...names)) : number;
  const operator = fc.constantFrom("+", "-", "*", "|", "<<");
  return fc.oneof(
    leaf,
    fc.tuple(leaf, operator, leaf).map(([a, op, b]) => `(${a}) ${op} (${b})`),
  );
}

/** `constants.ts`: each name once, some exported under another name, one made by a call. */
const constants = fc
  .tuple(expression([]), expression(["LIMIT"]), expression(["LIMIT", "MOST"]), fc.boolean())
  .map(
    ([limit, most, count, isExported]) =>
      `export const LIMIT = ${limit};\nexport const MOST = ${most};\nconst count = ${count};\n` +
      `export { count as _0 };\nexport const NOW = Math.abs(${isExported ? "MOST" : "count"});\n` +
      "export const TEXT = `const LIMIT = 5;\nexport function LIMIT() {\n}\n#count; ${MOST}`;\n",
  );

const use = (id: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    `${id}`,
    `{ ${id} }`,
    `[${id}, { ${id}: ${id} }.${id}]`,
    `-(${id})`,
    `(${id}).toString(2)`,
    `${id} ? "${id}" : \`${id} \${${id}}\``,
    `((${id}) => ${id})(1)`,
    `(({ ${id} }) => ${id})({ ${id}: 2 })`,
    `(([${id} = 3]) => ${id})([])`,
    `((a = ${id}) => { var ${id} = 4; return [a, ${id}]; })()`,
    `(() => { try { throw 5; } catch (${id}) { return ${id}; } })()`,
    `(() => { for (const ${id} of [6]) return ${id}; })()`,
    `(() => { { let ${id} = 7; } return ${id}; })()`,
    `(function ${id}() { return typeof ${id}; })()`,
    `/${id}/.source`,
    `typeof ${id}`,
    `Object.is(${id}, -0)`,
  );

const member = fc.constantFrom("#a", "#b", "#count");

/** A class whose methods use its private names and those of another instance. */
function classText(className: string, base: string): fc.Arbitrary<string> {
  const field = fc.tuple(member, name).map(([id, value]) => [id, ` = ${value};`] as const);
  const fields = fc.uniqueArray(
    fc.oneof(
      field,
      member.map((id) => [id, ";"] as const),
    ),
    {
      selector: ([id]) => id,
      maxLength: 3,
    },
  );
  const extra = fc.constantFrom(
    "",
    "_1 = 'own';",
    "count = 'public';",
    "static #made = 1; static made() { return this.#made; }",
  );
  const asked = fc.constantFrom(
    "undefined",
    "#has in this",
    "JSON.stringify(this)",
    "Object.keys(this).length",
    "{ ...this }",
  );
  return fc.tuple(fields, extra, asked, fc.boolean()).map(([list, more, question, isPrivate]) => {
    const has = list[0]?.[0] ?? "#none";
    const declared = list.map(([id, value]) => `${id}${value}`).join(" ");
    const none = list.length ? "" : "#none = 0;";
    const reads = list.map(([id]) => `this.${id}, other?.${id}`).join(", ");
    const grow = list.map(([id]) => `this.${id} = [this.${id}];`).join(" ");
    return (
      `class ${className}${base} { ${declared} ${none} ${more}\n` +
      `  ${isPrivate ? "private " : ""}helper${className}(other?: ${className}) { ${grow} return [${reads}]; }\n` +
      `  read${className}(other?: ${className}) { return [this.helper${className}(other), ${question.replace("#has", has)}]; } }`
    );
  });
}

const program: fc.Arbitrary<Files> = fc
  .tuple(
    constants,
    fc.array(name.chain(use), { minLength: 1, maxLength: 5 }),
    classText("One", ""),
    classText("Two", " extends One"),
    classText("Three", ""),
  )
  .map(([text, uses, ...classes]) => ({
    "constants.ts": text,
    "main.ts":
      `import { LIMIT, MOST, _0, _0 as count, NOW, TEXT } from "./constants";\n${classes.join("\n")}\n` +
      `function used() {\n  return [${uses.join(", ")}];\n}\n` +
      "export const run = () => [used(), NOW, TEXT, new One().readOne(new One()), new Two().readTwo(new Two()), new Two().readOne(), new Three().readThree(new Three())];\n",
  }));

it("Programs made at random do the same when they are made smaller", {
  timeout: limit(600_000),
}, async () => {
  await fc.assert(
    fc.asyncProperty(program, async (files) => {
      const expected = await before(files);
      expect(expected).toHaveProperty("result");
      expect(await after(files)).toEqual(expected);
    }),
    fuzz(RUNS),
  );
});
