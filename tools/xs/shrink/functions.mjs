// Function declarations at top level become arrow functions, which have no prototype object (three slots on XS).
import { usesThis } from "./syntax.mjs";

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
  return users.every((user) => {
    if (user.isReader) return user.isTyped;
    for (const [local, { references }] of user.scope.top)
      if (user.origin(local)?.binding === binding && !references.every((each) => isCallable(each, user)))
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

/**
 * Whether a use of the function's name does not tell a declaration from an arrow function. TypeScript lets nobody
 * construct what is no class; in JavaScript a function that goes elsewhere might be.
 */
function isCallable({ node, parent, isWrite }, module) {
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
      return parent.callee === node || module.isTyped;
    case "ExportSpecifier":
      return true;
    default:
      return module.isTyped;
  }
}
