// All mutants of a file in one text of it: each is switched on by its number while the program runs, so that a file is
// compiled once for all of them.
import { parseAst } from "rolldown/parseAst";
import { expressionMutants, isLogged, isRemovable } from "./operators.mjs";

/**
 * @typedef {object} Mutant
 * @property {number} id @property {string} file @property {number} line
 * @property {string} member the function or method that it is in
 * @property {string} operator @property {string} from @property {string} to
 */

/**
 * @param {string} file as people name it @param {string} source TypeScript
 * @param {number} firstId of the file's mutants
 * @returns {{ code: string, mutants: Mutant[] }}
 */
export function instrument(file, source, firstId) {
  const mutants = [];
  const text = (node) => source.slice(node.start, node.end);

  /** The number of a new mutant. */
  function add(node, member, { operator, to }) {
    const id = firstId + mutants.length;
    const line = source.slice(0, node.start).split("\n").length;
    mutants.push({ id, file, line, member, operator, from: flat(text(node)), to: flat(to) });
    return id;
  }

  /** The text of `node` with the mutants of all that is in it. */
  function render(node, parents, member, running) {
    if (isType(node) || isLogged(node)) return text(node);
    const name = memberName(node, member);
    const runs = running || isRunLater(node, parents);
    const statement = runs && isRemovable(node, parents);
    const variants = runs && !isKey(node, parents) ? expressionMutants(node, parents, text) : [];
    const removal = statement ? add(node, name, { operator: `removed ${kindOf(node)}`, to: "" }) : 0;
    const ids = variants.map((variant) => add(node, name, variant));
    const counts =
      runs && (LOOP.test(node.type) || (/Function/.test(node.type) && node.body?.type === "BlockStatement"));
    let out = children(node, parents, name, runs, (child, rendered) =>
      counts && child === node.body ? `{ __mutantStep(); ${rendered} }` : rendered,
    );
    variants.forEach((variant, n) => {
      out = `__mutant(${ids[n]}) ? ${wrapped(variant.to)} : ${out}`;
    });
    if (variants.length > 0) out = `(${out})`;
    return statement ? `{ if (!__mutant(${removal})) ${out} }` : out;
  }

  /** The text of `node`, its children as `as` writes them. */
  function children(node, parents, member, runs, as) {
    let out = "";
    let at = node.start;
    for (const child of childrenOf(node)) {
      // `{ a }` is a key and a value at one place.
      if (child.start < at) continue;
      out += source.slice(at, child.start) + as(child, render(child, [...parents, node], member, runs));
      at = child.end;
    }
    return out + source.slice(at, node.end);
  }

  const tree = parseAst(source, { lang: "ts" }, file);
  const code = render(tree, [], "", false);
  return { code, mutants };
}

const LOOP = /^(For|ForOf|ForIn|While|DoWhile)Statement$/;
/** What TypeScript adds around an expression; all else of its own is types. */
const AROUND = new Set(["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression"]);
const isType = (node) => node.type.startsWith("TS") && !AROUND.has(node.type);

/** What runs when a function is called or an object made, not once while the module is loaded. */
function isRunLater(node, parents) {
  return (
    /Function/.test(node.type) ||
    (parents.at(-1)?.type === "PropertyDefinition" && !parents.at(-1).static && parents.at(-1).value === node)
  );
}

/** The name of a property is no value. */
function isKey(node, parents) {
  const parent = parents.at(-1);
  return parent?.key === node && !parent.computed;
}

function memberName(node, member) {
  if (node.type === "FunctionDeclaration") return node.id.name;
  if (node.type === "MethodDefinition" || node.type === "PropertyDefinition" || node.type === "Property") {
    const { name, value, type } = node.key;
    if (node.type === "Property" && !/Function/.test(node.value.type)) return member;
    return type === "PrivateIdentifier" ? `#${name}` : String(name ?? value);
  }
  if (node.type === "VariableDeclarator" && member === "" && node.id.name) return node.id.name;
  return member;
}

const kindOf = ({ type }) =>
  type === "ExpressionStatement" ? "call" : type.replace(/Statement$/, "").toLowerCase();
const flat = (text) => text.replace(/\s+/g, " ");
const wrapped = (text) => `(${text})`;

function childrenOf(node) {
  return Object.values(node)
    .flat()
    .filter((value) => value !== null && typeof value === "object" && typeof value.type === "string")
    .sort((a, b) => a.start - b.start || b.end - a.end);
}
