// Private members become properties with short names, the same ones in every class. A private name costs XS a captured
// variable in each method that uses it, and a long name in flash; a property with a short name costs neither.
import { classesOf } from "./classes.mjs";
import { isFunction, nameOfKey, usesThis, walk } from "./syntax.mjs";

/**
 * Writes short names where it is certain that nobody can tell: not for what `#name in object` asks, what stands below
 * a class that the program does not have, what has its properties listed.
 * @param {Map<object, import("./syntax.mjs").Edits>} edits by module
 */
export function placePrivates(program, edits) {
  const classes = classesOf(program);
  const words = wordsOf(program);
  const shortNames = namer(words.all);
  const taken = new Map();
  for (const info of inOrder(classes)) {
    const above = taken.get(info.base) ?? [];
    const own = [...above];
    taken.set(info, own);
    if (isBelowUnknown(info) || isListed(info)) continue;
    const edit = edits.get(info.module);
    for (const [name, { elements, uses }] of info.hidden) {
      if (info.kept.has(`#${name}`)) continue;
      const short = shortNames(own.length);
      own.push(name);
      for (const node of [...uses, ...elements.map(({ key }) => key)]) edit.replace(node, short);
      for (const element of elements) if (isNothing(element, info)) edit.replace(element, "");
    }
    for (const name of info.privates) {
      const elements = info.members.get(name) ?? [];
      if (info.kept.has(name) || !canRename(info, name, words, elements, classes)) continue;
      const short = shortNames(own.length);
      own.push(name);
      for (const node of [...(info.named?.get(name) ?? []), ...elements.map(({ key }) => key)])
        edit.replace(node, short);
      for (const element of elements) if (isNothing(element, info)) edit.replace(element, "");
    }
  }
}

/** Base classes before those that extend them. */
function inOrder(classes) {
  const depth = (info) => (info?.node && info.base !== info ? 1 + depth(info.base) : 0);
  return [...classes.values()].sort((a, b) => depth(a) - depth(b));
}

function isBelowUnknown({ base }) {
  return base === "unknown" || (base?.node !== undefined && isBelowUnknown(base));
}

function isListed(info) {
  return info.isListed || (info.base?.node !== undefined && isListed(info.base));
}

/** TypeScript's private members: whether nobody else may mean this one by its name. */
function canRename(info, name, words, elements, classes) {
  if (name === undefined || elements.length === 0 || elements.some(({ computed }) => computed)) return false;
  if (elements.some(({ key }) => key.type !== "Identifier")) return false;
  if (words.textsOf(info.module).has(name) || words.computed.has(name) || words.untyped.has(name))
    return false;
  return ![...classes.values()].some((other) => other.base === info && other.members.has(name));
}

/** A member that begins as undefined is one as well when it is not there, unless something was there before. */
function isNothing(element, { node }) {
  if (element.type !== "PropertyDefinition" || element.value || node.superClass) return false;
  const before = node.body.body.slice(0, node.body.body.indexOf(element));
  return before.every((each) => {
    if (each.computed) return false;
    if (each.type === "StaticBlock") return !element.static;
    if (each.type !== "PropertyDefinition" || Boolean(each.static) !== element.static || !each.value)
      return true;
    if (each.value.type === "Literal") return true;
    return !element.static && (isFunction(each.value) || !usesThis(each.value));
  });
}

/** Names and texts of a program that a private member could be meant by, or a short name could be. */
function wordsOf(program) {
  const all = new Set();
  const computed = new Set();
  const untyped = new Set();
  const texts = new Map();
  for (const module of program.modules.values()) {
    const own = new Set();
    texts.set(module, own);
    for (const word of module.words ?? []) for (const words of [all, untyped]) words.add(word);
    walk(module.tree, (node, parent, key) => {
      if (node.type === "Literal" && typeof node.value === "string") own.add(node.value);
      if (node.type === "TemplateElement") own.add(node.value.cooked);
      if (node.type === "Identifier" && (key === "property" || key === "key")) all.add(node.name);
      if (node.type === "MemberExpression") {
        const name = nameOfKey(node);
        if (node.computed && name !== undefined) computed.add(name);
        if (!module.isTyped && name !== undefined) untyped.add(name);
      }
      if (node.type === "BinaryExpression" && node.operator === "in" && node.left.type === "Literal")
        computed.add(node.left.value);
      // `const { name } = this` would have to be named anew.
      if (node.type === "Property" && parent?.type === "ObjectPattern") own.add(nameOfKey(node));
    });
    for (const text of own) all.add(text);
  }
  return { all, computed, untyped, textsOf: (module) => texts.get(module) };
}

/** The short names _0, _1, … without those that the program has already. */
function namer(words) {
  const names = [];
  let next = 0;
  return (index) => {
    while (names.length <= index) {
      const name = `_${(next++).toString(36)}`;
      if (!words.has(name)) names.push(name);
    }
    return names[index];
  };
}
