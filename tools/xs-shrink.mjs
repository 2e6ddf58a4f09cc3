// Makes a module smaller on XS without changing what it does. XS keeps in flash, for each module that is preloaded, a
// slot (16 bytes) for each name, function, prototype and captured variable; docs/xs.md says what each step saves.
import { transform } from "esbuild";

/** A private name where it is used, and where it is declared (esbuild's print: one member a line, indented). */
const PRIVATE_USE = /(?<=[\w\])]\??\.)#(\w+)/g;
const PRIVATE_MEMBER = /^( +(?:static |async |get |set )*)#(\w+)(?=\(| =|;)/gm;
/** A class with a base class that is not of the language, to the end of its body. */
const DERIVED_CLASS = /^( *).*\bclass(?: \w+)? extends (\w+) \{$([\s\S]*?)^\1\}/gm;
const TOP_LEVEL_FUNCTION = /^(export )?function (\w+|\$)(\([\s\S]*?\)) \{$([\s\S]*?)^\}$/gm;

/** A constant at top level, as tsc prints it. */
const CONSTANT = /^(?:export )?const ([A-Z]\w*) = ([^;{["'`]+);$/gm;
const RELATIVE_IMPORT = /^import \{([^}]*)\} from "(\.[^"]*)";$/gm;

/**
 * @typedef {object} Module
 * @property {string} source JavaScript, as tsc prints it: without side effects between its functions' declarations
 * @property {(specifier: string) => Module | undefined} [read] a module that it imports, of those that are made
 *   smaller too
 * @property {string[]} [privateMembers] what TypeScript knows to be private in the module's classes
 */

/**
 * @param {Module} module
 * @returns {Promise<string>}
 */
export async function shrink(module) {
  const { text, constants } = withoutConstants(module);
  const { code } = await transform(text, {
    loader: "js",
    format: "esm",
    target: "esnext",
    define: Object.fromEntries([...constants].map(([name, value]) => [name, JSON.stringify(value)])),
    minifyIdentifiers: true,
    minifySyntax: true,
  });
  return withArrows(withShortNames(code, module.privateMembers ?? []));
}

/**
 * The numbers that a module names at top level.
 * @param {Module} module
 * @returns {Map<string, number>}
 */
function numbersIn({ source, read }) {
  const numbers = new Map();
  for (const [, names, specifier] of source.matchAll(RELATIVE_IMPORT)) {
    const imported = /\b[A-Z][A-Z0-9_]+\b/.test(names) && read?.(specifier);
    if (!imported) continue;
    const theirs = numbersIn(imported);
    for (const [name, alias = name] of names.split(",").map((part) => part.trim().split(" as ")))
      if (theirs.has(name)) numbers.set(alias, theirs.get(name));
  }
  for (const [, name, expression] of source.matchAll(CONSTANT)) {
    const known = [...numbers.keys()];
    const unknown = expression.replace(/\b(0x[\da-f_]+|[\d_]+(e\d+)?)\b/gi, "").match(/[A-Za-z_]\w*/g) ?? [];
    if (!unknown.every((word) => known.includes(word))) continue;
    const value = new Function(...known, `return (${expression});`)(...numbers.values());
    if (Number.isFinite(value)) numbers.set(name, value);
  }
  return numbers;
}

/**
 * A named number costs its module a slot and a name, and each function that uses it a captured variable: the value
 * goes where the name stands. Exported ones go too, since whoever imports them is compiled in the same way.
 */
function withoutConstants(module) {
  const constants = numbersIn(module);
  const text = module.source
    .replace(CONSTANT, (whole, name) => (constants.has(name) ? "" : whole))
    .replace(RELATIVE_IMPORT, (whole, names, specifier) => {
      const all = names.split(",").map((part) => part.trim());
      const left = all.filter((part) => !constants.has(part.split(" as ").at(-1)));
      if (left.length === all.length) return whole;
      return left.length ? `import { ${left.join(", ")} } from "${specifier}";` : "";
    });
  return { text, constants };
}

/**
 * A private name costs each method that uses it a captured variable, and the name itself; a property costs neither.
 * Short names are the same in every class: XS needs each of them once.
 */
function withShortNames(code, privateMembers) {
  const short = new Map();
  const shortName = (name) => {
    if (!short.has(name)) short.set(name, `_${short.size.toString(36)}`);
    return short.get(name);
  };
  for (const [, , base, body] of code.matchAll(DERIVED_CLASS)) {
    if (!(base in globalThis) && (privateMembers.length > 0 || body.match(PRIVATE_MEMBER)))
      throw new Error(`private names below ${base} could get the short names of its own`);
  }
  let result = code
    .replace(PRIVATE_MEMBER, (_, before, name) => `${before}${shortName(`#${name}`)}`)
    .replace(PRIVATE_USE, (_, name) => shortName(`#${name}`));
  for (const name of privateMembers) {
    const elsewhere = new RegExp(`(?<!\\bthis)\\.${name}\\b|\\b${name}:|["'\`]${name}["'\`]`);
    if (elsewhere.test(result)) continue;
    result = result
      .replace(
        new RegExp(`^( +(?:static |async |get |set )*)${name}(?=\\(| =|;)`, "gm"),
        `$1${shortName(name)}`,
      )
      .replace(new RegExp(`\\bthis\\.${name}\\b`, "g"), `this.${shortName(name)}`);
  }
  // A member that begins as undefined is one as well when it is not there.
  return result.replace(/^ +_\w+;\n/gm, "");
}

/**
 * A function declaration has a prototype of its own (three slots); an arrow function has none. Those that become
 * arrow functions stay before all code that may call them, as declarations are.
 */
function withArrows(code) {
  const arrows = [];
  const rest = code.replace(TOP_LEVEL_FUNCTION, (whole, exported = "", name, parameters, body) => {
    if (/\b(this|arguments|new\.target)\b/.test(body)) return whole;
    arrows.push(`${exported}const ${name} = ${parameters} => {${body}};\n`);
    return "";
  });
  const imports = rest.match(/^(?:import [^;]*;\n)*/)[0];
  return imports + arrows.join("") + rest.slice(imports.length);
}
