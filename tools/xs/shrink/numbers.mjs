// Numbers that modules name at top level: the value goes where the name stands.

const OPERATIONS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "**": (a, b) => a ** b,
  "<<": (a, b) => a << b,
  ">>": (a, b) => a >> b,
  ">>>": (a, b) => a >>> b,
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
};
const SIGNS = { "-": (a) => -a, "+": (a) => a, "~": (a) => ~a };

/** Values of a program's constants. */
export class Numbers {
  #known = new Map();

  /**
   * @returns {number | undefined} the finite number that `local` is in `module`, everywhere and at any time that it
   *   can be read
   */
  of(module, local) {
    const origin = module.origin(local);
    if (!origin || (origin.module !== module && module.program.areInCycle(origin.module, module)))
      return undefined;
    const { binding } = origin;
    if (!this.#known.has(binding)) {
      this.#known.set(binding, undefined);
      this.#known.set(binding, this.#declared(origin.module, binding));
    }
    return this.#known.get(binding);
  }

  #declared(module, { kind, node, references, declarations }) {
    if (kind !== "const" || declarations !== 1 || node.id.type !== "Identifier" || !node.init)
      return undefined;
    // Read before it is declared it throws, and must go on to do so.
    const spoils = ({ isWrite, isDeferred, startsStatement, node: use }) =>
      isWrite || startsStatement || (!isDeferred && use.start < node.end);
    if (references.some(spoils)) return undefined;
    const value = this.#evaluate(module, node.init);
    return Number.isFinite(value) ? value : undefined;
  }

  #evaluate(module, node) {
    if (node.type === "Literal") return typeof node.value === "number" ? node.value : undefined;
    if (node.type === "Identifier") return this.of(module, node.name);
    if (node.type === "UnaryExpression") {
      const value = this.#evaluate(module, node.argument);
      return value === undefined ? undefined : SIGNS[node.operator]?.(value);
    }
    if (node.type !== "BinaryExpression") return undefined;
    const left = this.#evaluate(module, node.left);
    const right = this.#evaluate(module, node.right);
    return left === undefined || right === undefined ? undefined : OPERATIONS[node.operator]?.(left, right);
  }
}

/** Writes each number of `module` where its name stands. */
export function placeNumbers(module, numbers, edits) {
  for (const [local, { references }] of module.scope.top) {
    const value = numbers.of(module, local);
    if (value === undefined) continue;
    for (const { node, parent } of references) {
      if (parent.type !== "ExportSpecifier") edits.replace(node, textOf(value, node, parent));
    }
  }
}

function textOf(value, node, parent) {
  const digits = Object.is(value, -0) ? "-0" : String(value);
  const needsParentheses =
    digits.startsWith("-") || (parent.type === "MemberExpression" && parent.object === node);
  const text = needsParentheses ? `(${digits})` : digits;
  if (parent.type !== "Property" || !parent.shorthand) return text;
  // A property in short is never a prototype; written out, this one would be.
  return node.name === "__proto__" ? `["__proto__"]: ${text}` : `${node.name}: ${text}`;
}
