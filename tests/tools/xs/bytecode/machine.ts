// What some of XS's instructions do, as its `xsRun.c` has it: variables that have no value yet, constants, errors that are
// caught, and what a function gives.
import type { Instruction } from "../../../../tools/xs/bytecode/code.mjs";

/** No program of the tests takes more. */
const MOST_STEPS = 20_000;
/** The value of a variable before its first. */
const NOTHING = Symbol("not initialized");

interface Variable {
  value: unknown;
  isConstant: boolean;
  name: number;
}
interface Catch {
  to: Instruction;
  depth: number;
  variables: number;
}

export interface Outcome {
  result?: unknown;
  error?: unknown;
  /** What the function said on its way (TO_STRING says what is on the stack). */
  said: unknown[];
}

/** Runs a function's instructions. Globals are their own IDs. */
export function run(list: Instruction[], given: unknown[] = []): Outcome {
  const place = new Map(list.map((each, index) => [each, index]));
  const stack: unknown[] = [];
  const scope: Variable[] = [];
  const catches: Catch[] = [];
  const said: unknown[] = [];
  let result: unknown;
  let exception: unknown;
  let at = 0;

  const pop = (): unknown => {
    if (stack.length === 0) throw new Error("nothing on the stack");
    return stack.pop();
  };
  const fail = (error: unknown): void => {
    const caught = catches.pop();
    if (!caught) throw { thrown: error };
    exception = error;
    stack.length = caught.depth;
    scope.length = caught.variables;
    at = place.get(caught.to)!;
  };
  const go = (to: Instruction | undefined): void => {
    at = place.get(to!)!;
  };

  function local(op: string, index: number): void {
    const variable = scope[index - 1];
    if (!variable) throw new Error(`no variable ${index}`);
    const isEmpty = variable.value === NOTHING;
    if (op === "REFRESH") return;
    if (op === "RESET") {
      scope[index - 1] = { value: NOTHING, isConstant: false, name: variable.name };
      return;
    }
    if (op === "GET") {
      if (isEmpty) return fail("get: not initialized yet");
      stack.push(variable.value);
      return;
    }
    if ((op === "SET" || op === "PULL") && isEmpty) return fail("set: not initialized yet");
    if ((op === "SET" || op === "PULL") && variable.isConstant) return fail("set: const");
    if (op === "CONST" && !isEmpty) return fail("set: already initialized");
    if (op === "CONST") variable.isConstant = true;
    variable.value = stack.at(-1);
    if (op === "PULL") pop();
  }

  function step({ op, operand, to }: Instruction): boolean {
    const number = operand?.length ? operand.readIntLE(0, operand.length) : 0;
    const [, kind] = /^([A-Z]+)_(?:LOCAL|CLOSURE)_[12]$/.exec(op) ?? [];
    if (kind) {
      local(kind, number);
      return true;
    }
    switch (op.replace(/_[12]$/, "")) {
      case "BEGIN_STRICT":
      case "RESERVE":
        return true;
      case "NEW_CLOSURE":
      case "NEW_LOCAL":
        scope.push({ value: NOTHING, isConstant: false, name: number });
        return true;
      case "NEW_TEMPORARY":
        scope.push({ value: undefined, isConstant: false, name: 0 });
        return true;
      case "UNWIND":
        if (number > scope.length) throw new Error("more variables go than are there");
        scope.length -= number;
        return true;
      case "STORE":
        said.push("shared", scope[number - 1]!.name);
        return true;
      case "TO_INSTANCE":
        if (stack.at(-1) === undefined) fail("cannot coerce to object");
        return true;
      case "RETRIEVE":
        for (let i = 0; i < number; i++) scope.push({ value: `around ${i}`, isConstant: false, name: i });
        return true;
      case "ARGUMENT":
        stack.push(given[number]);
        return true;
      case "INTEGER":
        stack.push(number);
        return true;
      case "UNDEFINED":
        stack.push(undefined);
        return true;
      case "POP":
        pop();
        return true;
      case "DUB":
        stack.push(stack.at(-1));
        return true;
      case "ADD":
        stack.push(sumOf(pop(), pop()));
        return true;
      case "LESS":
        stack.push(lessOf(pop(), pop()));
        return true;
      case "NOT":
        stack.push(!pop());
        return true;
      case "TO_STRING":
        said.push(stack.at(-1));
        return true;
      case "PROGRAM_REFERENCE":
      case "GLOBAL":
        stack.push("global");
        return true;
      case "GET_VARIABLE":
      case "GET_THIS_VARIABLE":
      case "GET_PROPERTY": {
        const object = pop();
        if (object === undefined) fail("cannot coerce to object");
        else stack.push(`${String(object)} ${number}`.slice(-40));
        return true;
      }
      case "BRANCH":
        go(to);
        return true;
      case "BRANCH_IF":
        if (pop()) go(to);
        return true;
      case "BRANCH_ELSE":
        if (!pop()) go(to);
        return true;
      case "CATCH":
        catches.push({ to: to!, depth: stack.length, variables: scope.length });
        return true;
      case "UNCATCH":
        catches.pop();
        return true;
      case "EXCEPTION":
        stack.push(exception);
        return true;
      case "THROW":
        fail(pop());
        return true;
      case "SET_RESULT":
        result = pop();
        return true;
      case "END":
      case "END_ARROW":
        return false;
      default:
        throw new Error(`${op} is not known here`);
    }
  }

  try {
    for (let steps = 0; ; steps++) {
      if (steps > MOST_STEPS) throw new Error("it does not end");
      if (!step(list[at++]!)) return { result, said };
    }
  } catch (error) {
    if (error instanceof Error) throw error;
    return { error: (error as { thrown: unknown }).thrown, said };
  }
}

function lessOf(right: unknown, left: unknown): boolean {
  return Number(left) < Number(right);
}

function sumOf(right: unknown, left: unknown): unknown {
  if (typeof left === "number" && typeof right === "number") return left + right;
  return `${String(left)}+${String(right)}`.slice(-40);
}
