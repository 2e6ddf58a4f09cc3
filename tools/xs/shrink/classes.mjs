// The classes of a program: their private members, and everything that names one.
import { isClass, isFunction, nameOfKey, parse, walk } from "./syntax.mjs";

/** Calls that tell which properties an object has, or end that it may be given some. */
const LISTING = {
  JSON: ["stringify"],
  Object: [
    ..."assign entries freeze getOwnPropertyDescriptors getOwnPropertyNames keys preventExtensions seal".split(
      " ",
    ),
    ..."isFrozen isSealed values".split(" "),
  ],
  Reflect: ["ownKeys"],
};

/**
 * @typedef {object} ClassInfo
 * @property {object} node
 * @property {object} module
 * @property {ClassInfo | "language" | "unknown" | undefined} base
 * @property {Map<string, { elements: object[], uses: object[] }>} hidden its `#` names
 * @property {Map<string, object[]>} members other names, with their elements
 * @property {Set<string>} privates of those, what TypeScript knows to be private
 * @property {Set<string>} kept private names that something tells apart from properties
 * @property {boolean} isListed something lists what properties its instances have
 */

/** @returns {Map<object, ClassInfo>} by node */
export function classesOf(program) {
  const classes = new Map();
  for (const module of program.own) {
    const privates = privatesIn(module);
    let order = 0;
    walk(module.tree, (node) => {
      if (isClass(node)) classes.set(node, classInfo(module, node, privates[order++] ?? new Set()));
    });
    if (privates.length > 0 && order !== privates.length)
      module.refuse(module.tree, "the compiler wrote other classes than the source has");
  }
  for (const info of classes.values()) info.base = baseOf(info, classes);
  for (const module of program.own) readUses(module, classes);
  // Who lists an instance lists what its base classes gave it.
  for (const info of classes.values())
    if (info.isListed) for (let { base } = info; base?.node; { base } = base) base.isListed = true;
  return classes;
}

/** What TypeScript's sources declare private, class by class in order of the text. */
function privatesIn({ typescript, file }) {
  const found = [];
  if (typescript === undefined) return found;
  walk(parse(file, typescript), (node) => {
    if (node.type === "TSModuleDeclaration") return false;
    if (!isClass(node) || node.declare) return;
    const isPrivate = ({ accessibility, kind }) => accessibility === "private" && kind !== "constructor";
    found.push(new Set(node.body.body.filter(isPrivate).map(nameOfKey)));
  });
  return found;
}

function classInfo(module, node, privates) {
  const info = {
    module,
    node,
    hidden: new Map(),
    members: new Map(),
    privates,
    kept: new Set(),
    isListed: false,
  };
  for (const element of node.body.body) {
    if (element.type === "StaticBlock") continue;
    if (element.key.type === "PrivateIdentifier") {
      const entry = info.hidden.get(element.key.name) ?? { elements: [], uses: [] };
      entry.elements.push(element);
      info.hidden.set(element.key.name, entry);
    } else {
      const name = nameOfKey(element);
      info.members.set(name, [...(info.members.get(name) ?? []), element]);
      if (element.kind === "constructor" && returnsAnother(element.value.body)) info.isListed = true;
    }
    if (element.type === "AccessorProperty") info.isListed = true;
  }
  return info;
}

/** A constructor that returns another object puts private names on what it did not make. */
function returnsAnother(body) {
  let found = false;
  walk(body, (node) => {
    if (node.type === "ReturnStatement" && node.argument) found = true;
    return !isFunction(node) && !isClass(node);
  });
  return found;
}

function baseOf({ module, node: { superClass } }, classes) {
  if (!superClass) return undefined;
  if (superClass.type !== "Identifier") return "unknown";
  if (!module.scope.bindingOf(superClass)) return superClass.name in globalThis ? "language" : "unknown";
  return classes.get(declarationOf(module, superClass)) ?? "unknown";
}

/** What declares an identifier, in whichever module. */
function declarationOf(module, identifier) {
  const binding = module.scope.bindingOf(identifier);
  const isTop = binding && binding === module.scope.top.get(identifier.name);
  return (isTop ? module.origin(identifier.name)?.binding : binding)?.node;
}

/** Notes each use of a private name, and what would tell it from a property. */
function readUses(module, classes) {
  /** The class that `node` makes an instance of, or is. */
  const classOf = (node) => {
    const isNew = node?.type === "NewExpression" && node.callee.type === "Identifier";
    return isNew ? classes.get(declarationOf(module, node.callee)) : undefined;
  };
  enter(module.tree, { around: [], self: undefined, guarded: false });

  function enter(node, context) {
    note(node, context);
    if (isClass(node)) return enterClass(node, context);
    const own = { ...context };
    if (node.type === "FunctionDeclaration" || node.type === "FunctionExpression") own.self = undefined;
    for (const [key, value] of Object.entries(node)) {
      const inner =
        node.type === "TryStatement" && key === "block" && node.handler ? { ...own, guarded: true } : own;
      for (const child of Array.isArray(value) ? value : [value]) if (child?.type) enter(child, inner);
    }
  }

  function enterClass(node, context) {
    const info = classes.get(node);
    const inside = { ...context, around: [...context.around, info] };
    if (node.superClass) enter(node.superClass, inside);
    for (const element of node.body.body) {
      const self = { info, isStatic: element.type === "StaticBlock" || element.static };
      if (element.computed) enter(element.key, inside);
      if (element.type === "StaticBlock") for (const each of element.body) enter(each, { ...inside, self });
      else if (element.type === "MethodDefinition") enterMethod(element.value, { ...inside, self });
      else if (element.value) enter(element.value, { ...inside, self });
    }
  }

  function enterMethod({ params, body }, context) {
    for (const each of [...params, body]) enter(each, { ...context, guarded: false });
  }

  function note(node, { around, self, guarded }) {
    if (node.type === "MemberExpression" && node.property.type === "PrivateIdentifier") {
      const info = around.findLast(({ hidden }) => hidden.has(node.property.name));
      info?.hidden.get(node.property.name).uses.push(node.property);
      // Caught, a name that is not there is a question.
      if (guarded && node.object.type !== "ThisExpression") info?.kept.add(`#${node.property.name}`);
    } else if (node.type === "BinaryExpression" && node.left.type === "PrivateIdentifier")
      around.findLast(({ hidden }) => hidden.has(node.left.name))?.kept.add(`#${node.left.name}`);
    else if (node.type === "AssignmentExpression" || node.type === "UpdateExpression")
      noteAssignment((node.left ?? node.argument).property, around);
    else if (node.type === "MemberExpression") noteMember(node, around, self);
    for (const listed of listedBy(node)) {
      if (listed.type === "ThisExpression") for (const info of around) info.isListed = true;
      const info = classOf(listed) ?? (listed.type === "Identifier" ? instanceOf(listed) : undefined);
      if (info) info.isListed = true;
    }
  }

  function instanceOf(identifier) {
    const declaration = declarationOf(module, identifier);
    return classes.get(declaration) ?? classOf(declaration?.init);
  }

  /** To a method, or to a getter alone, nothing can be assigned. */
  function noteAssignment(property, around) {
    if (property?.type !== "PrivateIdentifier") return;
    const info = around.findLast(({ hidden }) => hidden.has(property.name));
    const takes = ({ type, kind }) => type !== "MethodDefinition" || kind === "set";
    if (!info?.hidden.get(property.name).elements.some(takes)) info?.kept.add(`#${property.name}`);
  }

  function noteMember(node, around, self) {
    const name = nameOfKey(node);
    // `this[name]` may be any property, of whatever class this is.
    if (name === undefined && node.object.type === "ThisExpression" && node.property.type !== "Literal")
      for (const info of around) info.isListed = true;
    for (const info of around) {
      if (!info.privates.has(name)) continue;
      const isOwn = node.object.type === "ThisExpression" && self?.info === info && !node.computed;
      const elements = info.members.get(name) ?? [];
      if (isOwn && elements.every((each) => Boolean(each.static) === Boolean(self.isStatic))) {
        info.named ??= new Map();
        info.named.set(name, [...(info.named.get(name) ?? []), node.property]);
      } else info.kept.add(name);
    }
  }
}

/** Objects whose properties `node` lists, copies or seals. */
export function listedBy(node) {
  switch (node.type) {
    case "ObjectExpression":
      return node.properties.filter(({ type }) => type === "SpreadElement").map(({ argument }) => argument);
    case "ForInStatement":
      return [node.right];
    case "VariableDeclarator":
      return node.init && hasRest(node.id) ? [node.init] : [];
    case "AssignmentExpression":
      return hasRest(node.left) ? [node.right] : [];
    case "CallExpression": {
      const { callee } = node;
      if (callee.name === "structuredClone") return node.arguments;
      if (callee.type !== "MemberExpression") return [];
      return LISTING[callee.object.name]?.includes(callee.property.name)
        ? node.arguments.flatMap(insideOf)
        : [];
    }
    default:
      return [];
  }
}

/** What stands in a literal goes with it into JSON, or is frozen with it. */
function insideOf(node) {
  if (node.type === "ArrayExpression") return node.elements.flatMap((each) => (each ? insideOf(each) : []));
  if (node.type === "ObjectExpression")
    return node.properties.flatMap(({ value }) => (value ? insideOf(value) : []));
  return [node];
}

function hasRest({ type, properties }) {
  return type === "ObjectPattern" && properties.some((each) => each.type === "RestElement");
}
