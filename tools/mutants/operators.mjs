// What is changed in a program, one place at a time: each operator says what a node of the syntax tree may become.

/** A bound moved by one, and the comparison turned round. */
const RELATIONAL = { "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"] };
const EQUALITY = { "===": "!==", "!==": "===", "==": "!=", "!=": "==" };
const ARITHMETIC = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "<<": ">>",
  ">>": "<<",
  ">>>": "<<",
  "&": "|",
  "|": "&",
};
const LOGICAL = { "&&": "||", "||": "&&" };
const ASSIGNMENT = { "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|=" };
/** The other neighbour of a bound than the one that the moved comparison already tries. */
const NEIGHBOUR = { "<": -1, "<=": 1, ">": 1, ">=": -1 };
const CUTS = new Set(["subarray", "slice", "min", "max", "fill", "copyWithin"]);

/** Nodes that compute: what a mutant of `node` reads like, as texts. `text(node)` is the source of a node. */
export function expressionMutants(node, parents, text) {
  const mutants = OF[node.type]?.(node, parents, text) ?? [];
  return isCondition(node, parents) && parents.at(-1).type !== "UnaryExpression" && !hasOwnNegation(node)
    ? [...mutants, { operator: "negated condition", to: `!(${text(node)})` }]
    : mutants;
}

/** Statements that a mutant leaves out. */
export function isRemovable(node, parents) {
  if (node.type === "ExpressionStatement") return isRemovableCall(node.expression);
  if (node.type !== "ReturnStatement" && node.type !== "ThrowStatement" && node.type !== "ContinueStatement")
    return false;
  const parent = parents.at(-1);
  return (
    parent.type === "IfStatement" ||
    (parent.type === "BlockStatement" && parents.at(-2)?.type === "IfStatement")
  );
}

const OF = {
  BinaryExpression(node, parents, text) {
    const { operator } = node;
    const swapped = (to) => `${operand(node.left, text)} ${to} ${operand(node.right, text)}`;
    if (operator in RELATIONAL) {
      const [moved, turned] = RELATIONAL[operator];
      const mutants = [{ operator: "moved bound", to: swapped(moved) }];
      if (!isTest(node, parents)) mutants.push({ operator: "turned comparison", to: swapped(turned) });
      return mutants;
    }
    if (operator in EQUALITY)
      return isTest(node, parents)
        ? []
        : [{ operator: "turned comparison", to: swapped(EQUALITY[operator]) }];
    if (operator in ARITHMETIC && !isText(node))
      return [{ operator: "arithmetic", to: swapped(ARITHMETIC[operator]) }];
    return [];
  },
  LogicalExpression(node, _parents, text) {
    const to = LOGICAL[node.operator];
    return to
      ? [{ operator: "logic", to: `${operand(node.left, text)} ${to} ${operand(node.right, text)}` }]
      : [];
  },
  UnaryExpression(node, parents, text) {
    if (node.operator !== "!" || isTest(node, parents)) return [];
    return [{ operator: "negated condition", to: text(node.argument) }];
  },
  ConditionalExpression(node, _parents, text) {
    const [test, yes, no] = [node.test, node.consequent, node.alternate].map((part) => operand(part, text));
    const to = `${test} ? ${no} : ${yes}`;
    return [{ operator: "swapped arms", to }];
  },
  AssignmentExpression(node, _parents, text) {
    const to = ASSIGNMENT[node.operator];
    if (!to || isText(node.right)) return [];
    return [{ operator: "arithmetic", to: `${text(node.left)} ${to} ${operand(node.right, text)}` }];
  },
  UpdateExpression(node, _parents, text) {
    const to = node.operator === "++" ? "--" : "++";
    const target = text(node.argument);
    return [{ operator: "arithmetic", to: node.prefix ? to + target : target + to }];
  },
  Literal(node, parents) {
    if (typeof node.value === "boolean") return [{ operator: "boolean", to: String(!node.value) }];
    const by = typeof node.value === "number" ? neighbour(node, parents.at(-1)) : 0;
    return by === 0 ? [] : [{ operator: "number", to: `(${node.value + by})` }];
  },
  AwaitExpression: (node, _parents, text) => [{ operator: "removed await", to: text(node.argument) }],
  ChainExpression(node, _parents, text) {
    const whole = text(node);
    return chainLinks(node.expression).map((at) => {
      const offset = at - node.start;
      const rest = whole.slice(offset + 2);
      return {
        operator: "removed ?.",
        to: whole.slice(0, offset) + (/^[([]/.test(rest) ? "" : ".") + rest,
      };
    });
    /** Where the `?.` of the chain stand, from outside in. */
    function chainLinks(link, found = []) {
      const inner = link.object ?? link.callee ?? link.expression;
      if (!inner || link.type === "Identifier") return found;
      if (link.optional) found.push(whole.indexOf("?.", inner.end - node.start) + node.start);
      return chainLinks(inner, found);
    }
  },
};

/** By how much a number is moved: a bound to its other neighbour, an offset or a cut one up; other numbers stay. */
function neighbour(node, parent) {
  if (parent.type === "BinaryExpression") {
    const by = NEIGHBOUR[parent.operator];
    if (by !== undefined) return parent.right === node ? by : -by;
    return (parent.operator === "+" || parent.operator === "-") && !isText(parent) ? 1 : 0;
  }
  const { callee } = parent;
  return parent.type === "CallExpression" &&
    callee.type === "MemberExpression" &&
    CUTS.has(callee.property.name)
    ? 1
    : 0;
}

/** The test of a branch or a loop. */
function isTest(node, parents) {
  return (
    isCondition(node, parents) ||
    (parents.at(-1).type === "ConditionalExpression" && parents.at(-1).test === node)
  );
}

function isCondition(node, parents) {
  const parent = parents.at(-1);
  if (parent.type === "UnaryExpression" && parent.operator === "!")
    return node.type !== "LogicalExpression" && isCondition(parent, parents.slice(0, -1));
  return parent.test === node && /^(If|While|DoWhile|For)Statement$/.test(parent.type);
}

/** The tree has no brackets: what binds more loosely than a name gets its own. */
function operand(node, text) {
  const tight = /^(Identifier|Literal|MemberExpression|CallExpression|ThisExpression|TemplateLiteral)$/;
  return tight.test(node.type) ? text(node) : `(${text(node)})`;
}

/** Loops over constants (`while (true)`) are tried by their boolean. */
const hasOwnNegation = (node) => node.type === "Literal";

/** Joined text, not a sum. */
function isText(node) {
  if (node.type === "TemplateLiteral") return true;
  if (node.type === "Literal") return typeof node.value === "string";
  return (
    node.type === "BinaryExpression" && node.operator === "+" && (isText(node.left) || isText(node.right))
  );
}

/** A call for its effect. */
function isRemovableCall(expression) {
  const call = calledBy(expression);
  return call.type === "CallExpression" && call.callee.type !== "Super";
}

/** What is said to a log is no behaviour that a test should hold on to: neither the call nor its words are changed. */
export function isLogged(node) {
  if (node.type !== "ExpressionStatement") return false;
  const call = calledBy(node.expression);
  return (
    call.type === "CallExpression" && names(call.callee).some((name) => /^(log|logger|trace)$/.test(name))
  );
}

function calledBy(expression) {
  let call = expression;
  while (
    call.type === "ChainExpression" ||
    call.type === "AwaitExpression" ||
    call.type === "UnaryExpression"
  )
    call = call.expression ?? call.argument;
  return call;
}

function names(node) {
  if (node.type === "MemberExpression") return [...names(node.object), node.property.name ?? ""];
  if (node.type === "ChainExpression" || node.type === "TSNonNullExpression") return names(node.expression);
  return [node.name ?? ""];
}
