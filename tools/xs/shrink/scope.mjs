// Which declaration each name of a module means (ECMA-262, 8.2 and 9.1: scopes, hoisting, shadowing).
import { children, isClass, isFunction } from "./syntax.mjs";

/**
 * @typedef {object} Reference
 * @property {object} node the Identifier
 * @property {object} parent
 * @property {boolean} isWrite
 * @property {boolean} isDeferred it stands in a function, which runs later than what stands around it may
 * @property {boolean} startsStatement without a semicolon before it, its text may continue the line before
 * @typedef {object} Binding
 * @property {"const" | "let" | "var" | "function" | "class" | "import" | "parameter"} kind
 * @property {object} node what declares it: VariableDeclarator, function, class, import specifier
 * @property {Reference[]} references
 * @property {number} declarations how often it is declared
 */

class Scope {
  bindings = new Map();

  constructor(parent) {
    this.parent = parent;
  }

  declare(name, kind, node) {
    const known = this.bindings.get(name);
    if (known) known.declarations++;
    else this.bindings.set(name, { name, kind, node, references: [], declarations: 1 });
  }

  find(name) {
    for (let scope = this; scope; scope = scope.parent) {
      const binding = scope.bindings.get(name);
      if (binding) return binding;
    }
    return undefined;
  }
}

/**
 * @param program a module's tree
 * @returns {{ top: Map<string, Binding>, bindingOf: (identifier: object) => Binding | undefined, evals: object[] }}
 *   `top`: what it declares at top level; `bindingOf`: of a reference, undefined for a global; `evals`: calls of eval,
 *   whose text may name anything
 */
export function analyze(program) {
  const meanings = new Map();
  const evals = [];
  const top = new Scope();

  hoistVars(program, top);
  declareLexical(program.body, top);
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    for (const specifier of statement.specifiers) top.declare(specifier.local.name, "import", specifier);
  }
  const base = { scope: top, isDeferred: false, statement: -1 };
  for (const statement of program.body) visit(statement, program, "body", base);
  return { top: top.bindings, bindingOf: (identifier) => meanings.get(identifier), evals };

  function refer(node, parent, { scope, isDeferred, statement }, isWrite) {
    const binding = scope.find(node.name);
    if (!binding) return;
    meanings.set(node, binding);
    const startsStatement = node.start === statement;
    binding.references.push({ node, parent, isWrite, isDeferred, startsStatement });
  }

  function visitAll(node, context, except = []) {
    for (const [key, child] of children(node)) if (!except.includes(key)) visit(child, node, key, context);
  }

  function visit(node, parent, _key, context) {
    const inner = () => ({ ...context, scope: new Scope(context.scope) });
    if (isFunction(node)) return visitFunction(node, context);
    if (isClass(node)) return visitClass(node, context);
    switch (node.type) {
      case "Identifier":
        return refer(node, parent, context, false);
      case "ImportDeclaration":
      case "ExportAllDeclaration":
      case "MetaProperty":
      case "BreakStatement":
      case "ContinueStatement":
        return undefined;
      case "ExportNamedDeclaration":
        if (node.source) return undefined;
        if (node.declaration) return visit(node.declaration, node, "declaration", context);
        for (const specifier of node.specifiers) refer(specifier.local, specifier, context, false);
        return undefined;
      case "LabeledStatement":
        return visit(node.body, node, "body", context);
      case "ExpressionStatement":
        return visit(node.expression, node, "expression", { ...context, statement: node.start });
      case "MemberExpression":
        visit(node.object, node, "object", context);
        return node.computed ? visit(node.property, node, "property", context) : undefined;
      case "Property":
      case "PropertyDefinition":
      case "AccessorProperty":
      case "MethodDefinition":
        if (node.computed) visit(node.key, node, "key", context);
        if (node.value) {
          const isField = node.type === "PropertyDefinition" || node.type === "AccessorProperty";
          visit(
            node.value,
            node,
            "value",
            isField && !node.static ? { ...context, isDeferred: true } : context,
          );
        }
        return undefined;
      case "CallExpression":
        if (node.callee.type === "Identifier" && node.callee.name === "eval") evals.push(node);
        return visitAll(node, context);
      case "VariableDeclaration":
        for (const { id, init } of node.declarations) {
          visitPattern(id, context, false);
          if (init) visit(init, node, "init", context);
        }
        return undefined;
      case "AssignmentExpression":
        visitPattern(node.left, context, true, node);
        return visit(node.right, node, "right", context);
      case "UpdateExpression":
        return visitPattern(node.argument, context, true, node);
      case "BlockStatement":
      case "StaticBlock": {
        const block = inner();
        if (node.type === "StaticBlock") hoistVars(node, block.scope);
        declareLexical(node.body, block.scope);
        return visitAll(node, block);
      }
      case "SwitchStatement": {
        visit(node.discriminant, node, "discriminant", context);
        const block = inner();
        for (const { consequent } of node.cases) declareLexical(consequent, block.scope);
        for (const each of node.cases) visitAll(each, block);
        return undefined;
      }
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement": {
        const loop = inner();
        const head = node.init ?? node.left;
        if (head?.type === "VariableDeclaration") declareLexical([head], loop.scope);
        else if (node.left) visitPattern(node.left, loop, true, node);
        return visitAll(
          node,
          loop,
          head && head === node.left && head.type !== "VariableDeclaration" ? ["left"] : [],
        );
      }
      case "CatchClause": {
        const clause = inner();
        if (node.param) {
          for (const name of namesIn(node.param)) clause.scope.declare(name, "parameter", node);
          visitPattern(node.param, clause, false);
        }
        return visit(node.body, node, "body", clause);
      }
      default:
        return visitAll(node, context);
    }
  }

  function visitFunction(node, context) {
    let outer = context.scope;
    if (node.type === "FunctionExpression" && node.id) {
      outer = new Scope(outer);
      outer.declare(node.id.name, "function", node);
    }
    // Defaults of parameters do not see what the body declares.
    const parameters = { scope: new Scope(outer), isDeferred: true, statement: -1 };
    for (const each of node.params)
      for (const name of namesIn(each)) parameters.scope.declare(name, "parameter", node);
    for (const each of node.params) visitPattern(each, parameters, false);
    if (node.body.type !== "BlockStatement") return visit(node.body, node, "body", parameters);
    const body = { ...parameters, scope: new Scope(parameters.scope) };
    hoistVars(node.body, body.scope);
    declareLexical(node.body.body, body.scope);
    return visitAll(node.body, body);
  }

  function visitClass(node, context) {
    const scope = new Scope(context.scope);
    if (node.id) scope.declare(node.id.name, "class", node);
    const inside = { ...context, scope, statement: -1 };
    if (node.superClass) visit(node.superClass, node, "superClass", inside);
    visitAll(node.body, inside);
  }

  /** What a pattern declares, or (`isWrite`) assigns; expressions in it are visited. */
  function visitPattern(node, context, isWrite, parent) {
    switch (node.type) {
      case "Identifier":
        if (isWrite) refer(node, parent, context, true);
        return;
      case "ObjectPattern":
        for (const property of node.properties) {
          if (property.type === "RestElement") visitPattern(property.argument, context, isWrite, property);
          else {
            if (property.computed) visit(property.key, property, "key", context);
            visitPattern(property.value, context, isWrite, property);
          }
        }
        return;
      case "ArrayPattern":
        for (const element of node.elements) if (element) visitPattern(element, context, isWrite, node);
        return;
      case "AssignmentPattern":
        visitPattern(node.left, context, isWrite, node);
        visit(node.right, node, "right", context);
        return;
      case "RestElement":
        visitPattern(node.argument, context, isWrite, node);
        return;
      default:
        visit(node, parent, "left", context);
    }
  }
}

/** The names that a pattern binds. */
export function* namesIn(node) {
  switch (node.type) {
    case "Identifier":
      yield node.name;
      return;
    case "ObjectPattern":
      for (const property of node.properties) yield* namesIn(property.value ?? property.argument);
      return;
    case "ArrayPattern":
      for (const element of node.elements) if (element) yield* namesIn(element);
      return;
    case "AssignmentPattern":
      yield* namesIn(node.left);
      return;
    case "RestElement":
      yield* namesIn(node.argument);
  }
}

/** `let`, `const`, classes and functions of a list of statements. */
function declareLexical(statements, scope) {
  for (const statement of statements) {
    const node = statement.declaration ?? statement;
    if (node.type === "FunctionDeclaration" && node.id) scope.declare(node.id.name, "function", node);
    else if (node.type === "ClassDeclaration" && node.id) scope.declare(node.id.name, "class", node);
    else if (node.type === "VariableDeclaration" && node.kind !== "var") {
      for (const declarator of node.declarations)
        for (const name of namesIn(declarator.id)) scope.declare(name, node.kind, declarator);
    }
  }
}

/** `var` belongs to the function around it, however deep it stands. */
function hoistVars(node, scope) {
  for (const [, child] of children(node)) {
    if (isFunction(child) || isClass(child)) continue;
    if (child.type === "VariableDeclaration" && child.kind === "var") {
      for (const declarator of child.declarations)
        for (const name of namesIn(declarator.id)) scope.declare(name, "var", declarator);
    }
    hoistVars(child, scope);
  }
}
