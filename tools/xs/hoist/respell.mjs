// The one module said again in the words that XS has anyway: a name costs a slot, an entry of two tables and its text, a
// constant its bytecode.
import { analyze } from "../shrink/scope.mjs";
import { children, Edits, isClass, isFunction, parse, walk } from "../shrink/syntax.mjs";

/** What a name of a property may be and that of a variable may not (ECMA-262, 13.1.1, in modules). */
export const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof var void while with yield async of get set undefined"
  ).split(" "),
);

const CLASSES = [
  Object,
  Function,
  Array,
  String,
  Number,
  Date,
  Map,
  Set,
  RegExp,
  Symbol,
  DataView,
  Uint8Array,
];
/** Names that XS has, whatever it runs. A variable of such a name does not have what it names in the language linked. */
export const BUILT_IN = new Set(
  [...CLASSES, ...CLASSES.map(({ prototype }) => prototype), Math, Reflect]
    .flatMap((each) => Object.getOwnPropertyNames(each))
    .filter((name) => /^[a-zA-Z]+$/.test(name)),
);

/**
 * @param {string} text a module, printed by esbuild
 * @param {string[]} [others] names of properties that other modules of the build have
 * @returns {string} the same, spelled for XS
 */
export function respelled(text, others = []) {
  const tree = parse("one.js", text);
  const edits = new Edits(text);
  renameVariables(tree, others, edits);
  walk(tree, (node) => {
    const constant = constantOf(node);
    if (constant === undefined) return true;
    edits.replace(node, constant);
    return false;
  });
  return edits.toString();
}

/** `!0` takes five bytes where `true` takes two; `void 0` one more than `void null`. */
function constantOf({ type, operator, argument }) {
  if (type !== "UnaryExpression" || argument.type !== "Literal" || typeof argument.value !== "number")
    return undefined;
  if (operator === "!") return String(!argument.value);
  return operator === "void" ? "void null" : undefined;
}

/**
 * Gives every variable the name of some property, its own, of others or of the language. What was one name is one name again, wherever it is declared: what
 * shadows what stays as it was.
 */
function renameVariables(tree, others, edits) {
  const { variables, properties, free } = namesOf(tree);
  const better = [...new Set([...properties, ...others, ...BUILT_IN])].filter(
    (name) => !variables.has(name) && !RESERVED.has(name),
  );
  const worse = [...variables].filter((name) => !properties.has(name) && !free.has(name));
  const names = new Map(worse.slice(0, better.length).map((name, index) => [name, better[index]]));
  forEachVariable(tree, (node, isShort) => {
    const name = names.get(node.name);
    if (name !== undefined) edits.replace(node, isShort ? isShort(node.name, name) : name);
  });
}

function namesOf(tree) {
  const { bindingOf } = analyze(tree);
  const variables = new Set();
  const properties = new Set();
  const declared = declarationsIn(tree);
  const free = new Set();
  forEachVariable(
    tree,
    (node) => {
      variables.add(node.name);
      if (!declared.has(node) && !bindingOf(node)) free.add(node.name);
    },
    (node) => properties.add(node.name),
  );
  // By these names others ask for them.
  for (const { declaration } of tree.body)
    for (const node of declaration ? declarationsIn(declaration) : []) free.add(node.name);
  return { variables, properties, free };
}

/** Identifiers that declare what they name. */
function declarationsIn(tree) {
  const found = new Set();
  const declare = (pattern) => {
    for (const node of identifiersIn(pattern)) found.add(node);
  };
  walk(tree, (node) => {
    if (node.type === "VariableDeclarator" || isFunction(node) || isClass(node))
      if (node.id) declare(node.id);
    if (isFunction(node)) for (const each of node.params) declare(each);
    if (node.type === "CatchClause" && node.param) declare(node.param);
    if (/^Import.*Specifier$/.test(node.type)) declare(node.local);
  });
  return found;
}

function* identifiersIn(pattern) {
  switch (pattern.type) {
    case "Identifier":
      yield pattern;
      return;
    case "ObjectPattern":
      for (const each of pattern.properties) yield* identifiersIn(each.value ?? each.argument);
      return;
    case "ArrayPattern":
      for (const each of pattern.elements) if (each) yield* identifiersIn(each);
      return;
    default:
      yield* identifiersIn(pattern.left ?? pattern.argument);
  }
}

/**
 * Calls `visit(identifier, isShort)` for each that names a variable, `visitProperty` for each that names a property.
 * `isShort`: what stands for two names at once, such as `{ a }`, as a function of the old and the new one.
 */
function forEachVariable(tree, visit, visitProperty = () => {}) {
  const visitEach = (node, parent, key, short) => {
    if (node.type === "Identifier") {
      if (isLabel(parent, key)) return;
      if (isName(parent, key)) visitProperty(node);
      else visit(node, short);
      return;
    }
    for (const [childKey, child] of children(node))
      visitEach(child, node, childKey, shortOf(node, childKey, short));
  };
  visitEach(tree, { type: "" }, "", undefined);
}

/** `{ a }`, also with a value for what is not there; `import { a }`; `export { a }`. */
function shortOf(node, key, short) {
  if (node.type === "Property" && key === "value" && node.shorthand) return (old, name) => `${old}: ${name}`;
  if (node.type === "AssignmentPattern" && key === "left") return short;
  if (node.type === "ImportSpecifier" && key === "local" && node.imported.start === node.local.start)
    return (old, name) => `${old} as ${name}`;
  if (node.type === "ExportSpecifier" && key === "local" && node.exported.start === node.local.start)
    return (old, name) => `${name} as ${old}`;
  return undefined;
}

function isLabel({ type }, key) {
  return key === "label" || type === "MetaProperty";
}

/** Whether it is the name of a property, or of what another module exports. */
function isName({ computed }, key) {
  if (key === "property" || key === "key") return !computed;
  return key === "imported" || key === "exported";
}
