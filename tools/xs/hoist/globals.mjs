// What functions take from the one module's top level they take from the global object. XS gives a function that takes
// anything from around it an environment: two slots, and one for each name, in flash for each method, in RAM for each
// function that is made at run time. What is global needs none; a use of it is four bytes longer.
import { analyze } from "../shrink/scope.mjs";
import { children, Edits, isFunction, parse, walk } from "../shrink/syntax.mjs";
import { BUILT_IN, RESERVED } from "./respell.mjs";

/** XS looks a global up by its name: what loops use is looked up once, before. */
const LOOPS = new Set([
  ...["ForStatement", "ForOfStatement", "ForInStatement", "WhileStatement", "DoWhileStatement"],
]);

/** Globals of XS and of the SDK's modules, beside those of every engine. */
const OTHERS = new Set(
  (
    "trace native Native Compartment ModuleSource lockdown harden console print require exports module self " +
    "device Host System screen backlight button power light sensor led"
  ).split(" "),
);

/**
 * @param {string} text a module whose own names nobody assigns to but where they are declared, or which stay as they are
 * @param {(name: string) => boolean} isTaken whether a name may mean something else to somebody
 * @returns {string} the same; properties of the global object carry the names of other properties
 */
export function globalized(text, isTaken) {
  const tree = parse("one.js", text);
  const { top } = analyze(tree);
  const edits = new Edits(text);
  const chosen = [...top].filter(([name, binding]) => canBeGlobal(tree, name, binding)).map(([name]) => name);
  const free = namesFor(tree, top, isTaken);
  const globals = new Map(chosen.slice(0, free.length).map((name, index) => [name, free[index]]));
  const functions = functionsAround(tree);
  const first = new Map();
  for (const name of globals.keys()) {
    const global = globals.get(name);
    for (const { node, parent, isDeferred } of top.get(name).references) {
      if (!isDeferred) continue;
      const word = wordFor(global, functions.get(node), first);
      edits.replace(node, parent.type === "Property" && parent.shorthand ? `${name}: ${word}` : word);
    }
  }
  for (const [body, words] of first)
    edits.replace(
      { start: body.start, end: body.start + 1 },
      `{\nconst ${[...words].map(([global, word]) => `${word} = ${global}`).join(", ")};`,
    );
  placeDefinitions(tree, globals, edits);
  return edits.toString();
}

/** Its value never changes, and some function takes it. */
function canBeGlobal(tree, name, { kind, node, references, declarations }) {
  if (declarations !== 1 || references.some(({ isWrite }) => isWrite)) return false;
  if (!references.some(({ isDeferred }) => isDeferred)) return false;
  const isSimple = kind === "import" || kind === "function" || node.id?.name === name;
  // What stands behind `export` is declared for others.
  const isStatement = ({ type, declarations: all = [], specifiers = [] }) =>
    type === "ImportDeclaration" ? specifiers.includes(node) : all.includes(node);
  return isSimple && tree.body.some((each) => each === node || isStatement(each)) && kind !== "class";
}

/** Names of properties that nobody means anything else by: our own words of several parts come first. */
function namesFor(tree, top, isTaken) {
  const variables = new Set(top.keys());
  const properties = new Set();
  walk(tree, (node, parent, key) => {
    if (node.type !== "Identifier") return;
    const isName = (key === "property" || key === "key") && !parent.computed;
    (isName ? properties : variables).add(node.name);
  });
  const isFree = (name) =>
    !variables.has(name) &&
    !RESERVED.has(name) &&
    !OTHERS.has(name) &&
    // Asked for by that name, what the language has of it would be linked.
    !BUILT_IN.has(name) &&
    !(name in globalThis) &&
    !isTaken(name);
  const isOurs = (name) => /[a-z][A-Z]/.test(name);
  const names = [...properties].filter(isFree);
  return [...names.filter(isOurs), ...names.filter((name) => !isOurs(name))];
}

/** The function around each identifier, and whether it stands in a loop of that function. */
function functionsAround(tree) {
  const found = new Map();
  const enter = (node, around) => {
    if (node.type === "Identifier") found.set(node, around);
    for (const [key, child] of children(node)) {
      if (isFunction(node)) enter(child, { body: node.body, isLooped: false });
      else if (LOOPS.has(node.type) && key !== "init" && key !== "right")
        enter(child, { ...around, isLooped: true });
      else enter(child, around);
    }
  };
  enter(tree, {});
  return found;
}

function wordFor(global, { body, isLooped }, first) {
  if (!isLooped || body?.type !== "BlockStatement") return global;
  const words = first.get(body) ?? new Map();
  first.set(body, words);
  if (!words.has(global)) words.set(global, `$$${words.size}`);
  return words.get(global);
}

/** Ends the build where a circle of imports was not seen: a global would be nothing for ever. */
function arrived(name, globals) {
  if (!globals.has(name)) return "";
  return `if (${name} === undefined) throw new Error("${globals.get(name)} is not there yet");\n`;
}

/** Each global is defined as soon as its value is there. */
function placeDefinitions(tree, globals, edits) {
  const define = (name) =>
    globals.has(name)
      ? `Object.defineProperty(globalThis, ${JSON.stringify(globals.get(name))}, { value: ${name} });\n`
      : "";
  let early = "";
  for (const node of tree.body) {
    if (node.type === "ImportDeclaration")
      early += node.specifiers.map(({ local }) => arrived(local.name, globals) + define(local.name)).join("");
    if (node.type === "FunctionDeclaration") early += define(node.id.name);
    if (node.type !== "VariableDeclaration") continue;
    node.declarations.forEach(({ id, end }, index) => {
      const next = node.declarations[index + 1];
      const definition = `;\n${id.type === "Identifier" ? define(id.name) : ""}`;
      edits.replace(
        { start: end, end: next?.start ?? node.end },
        next ? `${definition}${node.kind} ` : definition,
      );
    });
  }
  const start = tree.body.find(({ type }) => type !== "ImportDeclaration")?.start ?? 0;
  edits.replace({ start, end: start }, early);
}
