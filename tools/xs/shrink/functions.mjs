// Function declarations at top level become arrow functions, which have no prototype object (three slots on XS).
import { isClass, usesThis, walk } from "./syntax.mjs";

/**
 * @returns the statements of `module` that stand before all others in its place: arrow functions are not hoisted, as
 *   declarations are
 */
export function placeArrows(program, module, needed, edits) {
  const names = needed.get(module) ?? new Set();
  const arrows = [];
  for (const statement of module.tree.body) {
    const node = statement.declaration ?? statement;
    if (node.type !== "FunctionDeclaration" || statement.type === "ExportDefaultDeclaration") continue;
    if (!canBeArrow(program, module, node)) continue;
    const parameters = node.params.map(({ start, end }) => edits.slice(start, end)).join(", ");
    const { name } = node.id;
    const isExported = statement !== node && names.has(name);
    const body = edits.slice(node.body.start, node.body.end);
    arrows.push(`${isExported ? "export " : ""}const ${name} = (${parameters}) => ${body};\n`);
    edits.replace(statement, "");
  }
  return arrows.join("");
}

function canBeArrow(program, module, node) {
  if (node.generator || node.async || node.params.some(usesThis) || usesThis(node.body)) return false;
  const binding = module.scope.top.get(node.id.name);
  if (binding.declarations !== 1) return false;
  const users = usersOf(program, module, node.id.name);
  // In a circle of imports a declaration is there before its module is evaluated.
  if (users.some((user) => user !== module && program.areInCycle(user, module))) return false;
  const isExported = [...module.exports.values()].some(({ local }) => local === node.id.name);
  if (isExported && program.cycles.has(module)) return false;
  // TypeScript lets nobody construct what is no class; in JavaScript a function that goes elsewhere might be.
  const mayEscape = ({ isTyped }) => isTyped || ![...program.modules.values()].some(constructsUnknown);
  return users.every((user) => {
    if (user.isReader) return user.isTyped;
    for (const [local, { references }] of user.scope.top)
      if (
        user.origin(local)?.binding === binding &&
        !references.every((each) => isCallable(each, mayEscape(user)))
      )
        return false;
    return true;
  });
}

function usersOf(program, module, name) {
  const isIt = ({ from, name: taken }) => {
    const origin = from.exportOrigin(taken);
    return origin?.module === module && origin.binding.name === name;
  };
  const others = [...program.modules.values()].filter((each) => each !== module);
  return [module, ...others.filter(({ imports }) => [...imports.values()].some(isIt))];
}

/** Whether a module that is not typed constructs, or asks the prototype of, what it does not name. */
function constructsUnknown(module) {
  if (module.isTyped) return false;
  if (module.isReader) return !module.words || module.words.has("new");
  module.constructsUnknown ??= findsUnknown(module);
  return module.constructsUnknown;
}

function findsUnknown({ tree, scope }) {
  const isNamed = (node) => {
    if (isClass(node)) return true;
    if (node.type !== "Identifier") return false;
    const binding = scope.bindingOf(node);
    if (!binding || binding.kind === "class" || binding.kind === "import") return true;
    const { kind, node: declarator } = binding;
    // Of a list of names for one class, each is declared after the one that it stands for.
    return kind === "const" && declarator.init?.start < node.start && isNamed(declarator.init);
  };
  let found = false;
  walk(tree, (node) => {
    if (node.type === "NewExpression" && !isNamed(node.callee)) found = true;
    if (isClass(node) && node.superClass && !isNamed(node.superClass)) found = true;
    if (node.type === "BinaryExpression" && node.operator === "instanceof" && !isNamed(node.right))
      found = true;
    if (node.type === "MemberExpression" && node.property.name === "prototype" && isNamed(node.object))
      return false;
    if (node.type === "Identifier" && /^(prototype|Reflect)$/.test(node.name)) found = true;
    if (node.type === "MemberExpression" && node.computed && node.property.value === "prototype")
      found = true;
    return !found;
  });
  return found;
}

/** Whether a use of the function's name does not tell a declaration from an arrow function. */
function isCallable({ node, parent, isWrite }, mayEscape) {
  if (isWrite) return false;
  switch (parent.type) {
    case "NewExpression":
      return parent.callee !== node;
    case "ClassDeclaration":
    case "ClassExpression":
      return parent.superClass !== node;
    case "MemberExpression":
      return parent.object !== node;
    case "BinaryExpression":
      return parent.operator !== "instanceof" && parent.operator !== "in";
    case "CallExpression":
      return parent.callee === node || mayEscape;
    case "ExportSpecifier":
      return true;
    default:
      return mayEscape;
  }
}
