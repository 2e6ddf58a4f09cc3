// What of a module others take. XS keeps a slot and a name for each export, used or not.
import { isClass, isFunction } from "./syntax.mjs";

/**
 * Which exports somebody takes once numbers stand where they are used.
 * @returns {Map<object, Set<string>>} by module
 */
export function neededExports(program, numbers) {
  const needed = new Map();
  const need = (module, name) => {
    const names = needed.get(module) ?? new Set();
    if (names.has(name)) return;
    needed.set(module, names.add(name));
    const given = module.exports.get(name);
    if (given?.from) return need(given.from, given.name);
    const taken = given?.local !== undefined && module.imports.get(given.local);
    if (taken) need(taken.from, taken.name);
  };
  const from = (user) => user.requested.filter((module) => !program.areInCycle(user, module));
  const imported = new Set([...program.modules.values()].flatMap(from));
  for (const module of program.modules.values()) {
    // Nobody of the program imports it, but for a circle that nobody imports: somebody else must.
    const isStarted = ![...program.modules.values()].some(
      (each) => imported.has(each) && (each === module || program.areInCycle(each, module)),
    );
    if (module.isOpen || isStarted) for (const name of module.exports.keys()) need(module, name);
    for (const [local, { from, name }] of module.imports)
      if (isRead(module, local, numbers)) need(from, name);
  }
  return needed;
}

/** Whether `module` still names what it imports as `local`, other than to export it. */
function isRead(module, local, numbers) {
  if (module.isReader) return true;
  if (numbers.of(module, local) !== undefined) return false;
  return module.scope.top.get(local).references.some(({ parent }) => parent.type !== "ExportSpecifier");
}

/** Takes away exports that nobody takes, and imports of what became a number or is exported in vain. */
export function placeExports(module, needed, numbers, edits) {
  const names = needed.get(module) ?? new Set();
  for (const node of module.tree.body) {
    if (node.type === "ExportNamedDeclaration") placeExport(module, node, names, numbers, edits);
    if (node.type === "ImportDeclaration") placeImport(module, node, names, numbers, edits);
    if (node.type === "VariableDeclaration") dropDeclarators(module, node, node, names, numbers, edits);
  }
}

function placeExport(module, node, names, numbers, edits) {
  const { declaration, specifiers, source } = node;
  if (!declaration) {
    const left = specifiers.filter(({ exported }) => names.has(exported.name ?? String(exported.value)));
    if (left.length === specifiers.length) return;
    const from = source ? ` from ${source.raw}` : "";
    const bare = source && !isPure(module.resolve(source.value), numbers) ? `import ${source.raw};` : "";
    const parts = left.map(({ start, end }) => module.code.slice(start, end));
    edits.replace(node, left.length ? `export { ${parts.join(", ")} }${from};` : bare);
    return;
  }
  if (declaration.type === "VariableDeclaration") {
    const kept = declaration.declarations.filter(({ id }) => id.type !== "Identifier" || names.has(id.name));
    if (kept.length > 0) return;
    if (dropDeclarators(module, node, declaration, names, numbers, edits)) return;
  } else if (names.has(declaration.id.name)) return;
  edits.replace({ start: node.start, end: declaration.start }, "");
}

/** A number that nobody names any more goes; one that is exported stays. */
function dropDeclarators(module, statement, declaration, names, numbers, edits) {
  const isGone = ({ id }) =>
    id.type === "Identifier" &&
    numbers.of(module, id.name) !== undefined &&
    ![...names].some((name) => module.exports.get(name)?.local === id.name);
  const left = declaration.declarations.filter((each) => !isGone(each));
  if (left.length === declaration.declarations.length) return false;
  const parts = left.map(({ start, end }) => edits.slice(start, end));
  edits.replace(statement, left.length ? `${declaration.kind} ${parts.join(", ")};` : "");
  return true;
}

function placeImport(module, node, names, numbers, edits) {
  const { specifiers, source } = node;
  const isLeft = ({ type, local }) => {
    if (type === "ImportNamespaceSpecifier" || !module.imports.has(local.name)) return true;
    if (isRead(module, local.name, numbers)) return true;
    return [...names].some((name) => module.exports.get(name)?.local === local.name);
  };
  const left = specifiers.filter(isLeft);
  if (left.length === specifiers.length) return;
  if (left.length === 0) {
    edits.replace(node, isPure(module.resolve(source.value), numbers) ? "" : `import ${source.raw};`);
    return;
  }
  const text = ({ start, end }) => module.code.slice(start, end);
  const [whole] = left.filter(({ type }) => type === "ImportDefaultSpecifier").map(text);
  const named = left.filter(({ type }) => type === "ImportSpecifier").map(text);
  const parts = [whole, named.length ? `{ ${named.join(", ")} }` : undefined].filter(Boolean);
  edits.replace(node, `import ${parts.join(", ")} from ${source.raw};`);
}

/** Whether evaluating `module` and what it imports can be seen by nobody. */
function isPure(module, numbers, seen = new Set()) {
  if (!module || module.isReader) return false;
  if (seen.has(module)) return true;
  seen.add(module);
  const isHarmless = (statement) => {
    const node = statement.declaration ?? statement;
    if (node.type === "ImportDeclaration" || node.source) {
      const from = module.resolve(node.source.value);
      return from !== undefined && isPure(from, numbers, seen);
    }
    if (node.type === "ExportNamedDeclaration" || isFunction(node)) return true;
    if (isClass(node)) return isPlainClass(node);
    if (node.type !== "VariableDeclaration") return node.type === "Literal";
    return node.declarations.every(({ id, init }) => {
      return (
        id.type === "Identifier" && (!init || isPlain(init) || numbers.of(module, id.name) !== undefined)
      );
    });
  };
  return module.tree.body.every(isHarmless);
}

function isPlainClass({ superClass, body }) {
  const isMethod = ({ type, computed, static: isStatic, value }) =>
    !computed &&
    (type === "MethodDefinition" ||
      (type === "PropertyDefinition" && (!isStatic || !value || isPlain(value))));
  return !superClass && body.body.every(isMethod);
}

/** An expression that only makes something new. */
function isPlain(node) {
  if (isFunction(node) || node.type === "Literal") return true;
  if (node.type === "ArrayExpression")
    return node.elements.every((each) => !each || (each.type !== "SpreadElement" && isPlain(each)));
  if (node.type === "ObjectExpression")
    return node.properties.every(
      ({ type, computed, value }) => type === "Property" && !computed && isPlain(value),
    );
  if (node.type === "UnaryExpression") return node.argument.type === "Literal";
  const isFreeze =
    node.type === "CallExpression" &&
    node.callee.type === "MemberExpression" &&
    node.callee.object.name === "Object" &&
    node.callee.property.name === "freeze";
  return isFreeze && node.arguments.every(isPlain);
}
