// Short sequences of instructions said shorter. Nothing may come to the middle of what is replaced.
import { redirect, targetsIn } from "./code.mjs";
import { LAST, numberIn } from "./flow.mjs";

/** @typedef {import("./code.mjs").Instruction} Instruction */

const NOTHING = Buffer.alloc(0);
const OPPOSITE = { BRANCH_IF: "BRANCH_ELSE", BRANCH_ELSE: "BRANCH_IF" };
const JUMP = /^BRANCH(_IF|_ELSE)?$/;
const END = /^END(_ARROW|_BASE|_DERIVED)?$/;
const SILENT = /^(DUB|UNDEFINED|NULL|TRUE|FALSE|INTEGER_[124]|ARGUMENT)$/;
/** As many instructions as a rule looks at. */
const WINDOW = 5;
/** One byte tells how many variables go. */
const MOST_UNWOUND = 255;

/**
 * What stands in the place of the first instructions of a list, and how many those are.
 * @type {((...list: Instruction[]) => [Instruction[], number] | undefined)[]}
 */
const RULES = [
  // The value is taken from the stack as it is given to the variable.
  (first, second) => {
    const [, width] = /^SET_LOCAL_([12])$/.exec(first.op) ?? [];
    return width && second.op === "POP" ? [[{ ...first, op: `PULL_LOCAL_${width}` }], 2] : undefined;
  },
  (first, second) => {
    const [, width] = /^PULL_LOCAL_([12])$/.exec(first.op) ?? [];
    const isSame = width && second.op === `GET_LOCAL_${width}` && first.operand.equals(second.operand);
    return isSame ? [[{ ...first, op: `SET_LOCAL_${width}` }], 2] : undefined;
  },
  (first, second) => {
    const isSame = /^(GET_LOCAL_[12]|ARGUMENT)$/.test(first.op) && second.op === first.op;
    return isSame && first.operand.equals(second.operand) ? [[first, plain("DUB")], 2] : undefined;
  },
  // A function's end takes its variables with it.
  (first, second) => (/^UNWIND_/.test(first.op) && END.test(second.op) ? [[second], 2] : undefined),
  (first, second) => {
    if (first.op !== "UNWIND_1" || second.op !== "UNWIND_1") return undefined;
    const count = numberIn(first.operand) + numberIn(second.operand);
    return count > MOST_UNWOUND ? undefined : [[{ op: "UNWIND_1", operand: Buffer.from([count]) }], 2];
  },
  (first, second) =>
    first.op === "NOT" && OPPOSITE[second.op] ? [[{ ...second, op: OPPOSITE[second.op] }], 2] : undefined,
  (first, second, third) =>
    OPPOSITE[first.op] && second.op === "BRANCH" && first.to === third
      ? [[{ ...second, op: OPPOSITE[first.op] }], 2]
      : undefined,
  (first, second) => (first.op === "BRANCH" && first.to === second ? [[], 1] : undefined),
  (first) => (first.op === "BRANCH" && END.test(first.to.op) ? [[plain(first.to.op)], 1] : undefined),
  // Pushed for nobody.
  (first, second) => (SILENT.test(first.op) && second.op === "POP" ? [[], 2] : undefined),
  // A pattern of one property: of nothing, either throws.
  (first, ...others) => {
    const ops = [first, ...others].map(({ op }) => op).join();
    return /^DUB,TO_INSTANCE,GET_PROPERTY,PULL_LOCAL_[12],POP$/.test(ops)
      ? [others.slice(1, 3), 5]
      : undefined;
  },
  // What a global is, without the questions whether it is there and whether a script has declared it.
  (first, second) =>
    first.op === "PROGRAM_REFERENCE" && /^GET_(THIS_)?VARIABLE$/.test(second.op)
      ? [[plain("GLOBAL"), { op: "GET_PROPERTY", operand: second.operand }], 2]
      : undefined,
];

function plain(op) {
  return { op, operand: NOTHING };
}

/** @returns {Instruction[]} the same function, shorter */
export function shortened(list) {
  let before = list;
  for (;;) {
    const after = withoutUnreached(once(threaded(before)));
    if (after.length === before.length && after.every((each, index) => each === before[index])) return after;
    before = after;
  }
}

/** What goes to where something goes on at once goes there. */
function threaded(list) {
  for (const each of list) {
    if (!JUMP.test(each.op)) continue;
    const seen = new Set([each]);
    while (each.to.op === "BRANCH" && !seen.has(each.to)) {
      seen.add(each.to);
      each.to = each.to.to;
    }
  }
  return list;
}

function once(list) {
  const targets = targetsIn(list);
  const moved = new Map();
  const result = [];
  for (let index = 0; index < list.length; ) {
    const [first, ...others] = list.slice(index, index + WINDOW);
    const found = others.length > 0 && firstOf(first, others, targets);
    if (!found) {
      result.push(first);
      index++;
      continue;
    }
    const [instead, count] = found;
    const place = instead[0] ?? list[index + count];
    if (place !== first) moved.set(first, place);
    result.push(...instead);
    index += count;
  }
  redirect(result, moved);
  return result;
}

function firstOf(first, others, targets) {
  for (const rule of RULES) {
    const found = rule(first, ...others);
    if (found && !others.slice(0, found[1] - 1).some((each) => targets.has(each))) return found;
  }
  return undefined;
}

/** What stands behind an end, and nothing goes to. */
function withoutUnreached(list) {
  const targets = targetsIn(list);
  let isReached = true;
  return list.filter((each) => {
    if (targets.has(each) || each.op === "") isReached = true;
    const isKept = isReached;
    if (LAST.test(each.op)) isReached = false;
    return isKept;
  });
}
