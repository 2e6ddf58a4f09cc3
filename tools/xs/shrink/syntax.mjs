// JavaScript and TypeScript as trees: the parser that comes with Vite (oxc, ESTree), a walk, and edits of the text.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
// Vite's own dependency, which takes a quarter of the time to load that Vite takes.
const fromVite = createRequire(require.resolve("vite/package.json"));
const { parseSync } = await import(pathToFileURL(fromVite.resolve("rolldown/utils")).href);

/** A module that cannot be made smaller for certain: the build ends with where and why. */
export class Refusal extends Error {
  name = "Refusal";
}

/**
 * @param {string} file its extension tells the language
 * @param {string} text
 * @returns the program's tree; parentheses leave no trace in it
 * @throws {Refusal} when it is no such program
 */
export function parse(file, text) {
  const { program, errors } = parseSync(file, text, { preserveParens: false, sourceType: "module" });
  const fatal = errors.find(({ severity }) => severity === "Error");
  if (fatal) throw new Refusal(`${file}:${lineAt(text, fatal.labels[0]?.start ?? 0)}: ${fatal.message}`);
  return program;
}

export function lineAt(text, offset) {
  return text.slice(0, offset).split("\n").length;
}

/** @returns {Generator<[key: string, child: object]>} in the order of the text, but for shorthand properties */
export function* children(node) {
  for (const key in node) {
    const value = node[key];
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      for (const each of value) if (each?.type) yield [key, each];
    } else if (value.type) yield [key, value];
  }
}

/** Calls `visit(node, parent, key)` for every node; what it returns false for is not entered. */
export function walk(node, visit, parent, key) {
  if (visit(node, parent, key) === false) return;
  for (const [childKey, child] of children(node)) walk(child, visit, node, childKey);
}

export function isFunction({ type }) {
  return (
    type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression"
  );
}

export function isClass({ type }) {
  return type === "ClassDeclaration" || type === "ClassExpression";
}

/** Whether evaluating `node` reads `this`, or `arguments`, of the function around it. */
export function usesThis(node) {
  let found = false;
  const look = (each, _parent, key) => {
    if (found) return false;
    if (each.type === "FunctionExpression" || each.type === "FunctionDeclaration") return false;
    // Of a class only what is evaluated around it: its base and its computed names.
    if (isClass(each)) {
      if (each.superClass) walk(each.superClass, look);
      for (const member of each.body.body) if (member.computed) walk(member.key, look, member, "computed");
      return false;
    }
    const isName =
      each.type === "Identifier" && each.name === "arguments" && key !== "property" && key !== "key";
    if (isName || each.type === "ThisExpression" || each.type === "Super" || each.type === "MetaProperty")
      found = true;
    return !found;
  };
  walk(node, look);
  return found;
}

/** The name of a member or property that is not computed from something that only the running program knows. */
export function nameOfKey({ key, property = key, computed }) {
  if (property.type === "PrivateIdentifier") return undefined;
  if (!computed && property.type === "Identifier") return property.name;
  return property.type === "Literal" ? String(property.value) : undefined;
}

/** Replacements in a text. */
export class Edits {
  #text;
  #edits = [];

  constructor(text) {
    this.#text = text;
  }

  /** A replacement that goes over the whole of others takes their place. */
  replace({ start, end }, text) {
    this.#edits.push({ start, end, text });
  }

  /** The text between two places, edited. */
  slice(from, to) {
    const edits = this.#edits
      .filter(({ start, end }) => start >= from && end <= to)
      .sort((a, b) => a.start - b.start || b.end - a.end);
    let result = "";
    let at = from;
    for (const { start, end, text } of edits) {
      if (start < at) continue;
      result += this.#text.slice(at, start) + text;
      at = end;
    }
    return result + this.#text.slice(at, to);
  }

  toString() {
    return this.slice(0, this.#text.length);
  }
}
