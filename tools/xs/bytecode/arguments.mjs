// Variables that need not be: xsc makes one of each argument and copies it at the beginning, and some for what a pattern may
// have and has not.
import { targetsIn, without } from "./code.mjs";
import { isIndexed, numberIn, statesIn } from "./flow.mjs";

/** @typedef {import("./code.mjs").Instruction} Instruction */

const GET = /^GET_LOCAL_[12]$/;
const FIRST = /^(CONST|LET|VAR)_LOCAL_[12]$/;
const GIVEN = /^(SET|PULL)_LOCAL_[12]$/;
const UNWIND = /^UNWIND_[12]$/;

/**
 * @param {Instruction[]} list a function's; changed
 * @returns {Instruction[]} those that are left, without what is never come to
 * @throws {import("./flow.mjs").Unknown} before anything is changed
 */
export function placeArguments(list) {
  const states = statesIn(list);
  const reached = list.filter((each) => states.has(each) || each.op === "");
  const copies = copiesIn(reached, states);
  const gone = new Set([...copies.values()].flat());
  for (const [each, { use }] of states) {
    const copy = use && copies.get(use.maker);
    if (!copy) continue;
    if (GET.test(each.op)) Object.assign(each, { op: "ARGUMENT", operand: copy[0].operand });
    else gone.add(each);
  }
  return withoutVariables(new Set(copies.keys()), gone, reached, states);
}

/** Variables that are given values, and never asked for one. As {@link placeArguments}. */
export function placeUnread(list) {
  const states = statesIn(list);
  const unread = new Set(list.filter(({ op }) => op === "NEW_TEMPORARY"));
  for (const [{ op }, { use }] of states) if (use && !GIVEN.test(op)) unread.delete(use.maker);
  const gone = new Set();
  for (const [each, { use }] of states) {
    if (!use || !unread.has(use.maker)) continue;
    if (/^PULL_/.test(each.op)) Object.assign(each, { op: "POP", operand: Buffer.alloc(0) });
    else gone.add(each);
  }
  return withoutVariables(unread, gone, list, states);
}

/** The list without `makers` and `gone`; the variables that are left have other numbers. */
function withoutVariables(makers, gone, list, states) {
  const isGone = ({ maker }) => makers.has(maker);
  for (const [each, { variables }] of states) {
    if (gone.has(each)) continue;
    if (isIndexed(each)) {
      const below = variables.slice(0, numberIn(each.operand) - 1).filter(isGone).length;
      each.operand = lessened(each.operand, below);
    } else if (UNWIND.test(each.op)) {
      const count = numberIn(each.operand);
      const among = variables.slice(variables.length - count).filter(isGone).length;
      if (count === among) gone.add(each);
      else each.operand = lessened(each.operand, among);
    }
  }
  return without(new Set([...makers, ...gone]), list);
}

/** What makes each such variable, and the three instructions that give it its value, the first of which names the argument. */
function copiesIn(list, states) {
  const targets = targetsIn(list);
  const uses = new Map();
  list.forEach((each, index) => {
    const { use } = states.get(each) ?? {};
    if (use) uses.set(use.maker, [...(uses.get(use.maker) ?? []), { each, index, given: use.given }]);
  });
  const copies = new Map();
  for (const [maker, all] of uses) {
    const [first, ...others] = all.filter(
      ({ each }) => !GET.test(each.op) && !/^REFRESH_LOCAL/.test(each.op),
    );
    if (maker.op !== "NEW_LOCAL" || others.length > 0 || !first || !FIRST.test(first.each.op)) continue;
    if (all.some(({ each, given }) => GET.test(each.op) && given !== "always")) continue;
    const [argument, giver, pop] = list.slice(first.index - 1, first.index + 2);
    if (argument.op !== "ARGUMENT" || pop.op !== "POP" || targets.has(giver) || targets.has(pop)) continue;
    copies.set(maker, [argument, giver, pop]);
  }
  return copies;
}

function lessened(operand, by) {
  const less = Buffer.alloc(operand.length);
  less.writeUIntLE(numberIn(operand) - by, 0, operand.length);
  return less;
}
