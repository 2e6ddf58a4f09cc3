// Variables without a name and without the question whether they have a value: xsc makes each with its name, and gives the
// first value in a way of its own. Where no way leads to a variable before its value, nobody can tell.
import { targetsIn, without } from "./code.mjs";
import { statesIn } from "./flow.mjs";

/** @typedef {import("./code.mjs").Instruction} Instruction */

const FIRST = /^(CONST|LET|VAR)_LOCAL_([12])$/;
const PLAIN = /^(GET|SET|PULL|CONST|LET|VAR|REFRESH|RESET)_LOCAL_[12]$/;

/**
 * @param {Instruction[]} list a function's; changed
 * @returns {Instruction[]} those that are left, without what is never come to
 */
export function placeLocals(list) {
  const uses = new Map([...statesIn(list)].map(([each, { use }]) => [each, use]));
  const targets = targetsIn(list);
  const kept = keptOf(uses);
  const isPlain = (each) => each?.maker.op === "NEW_LOCAL" && !kept.has(each.maker);
  const reached = list.filter((each) => uses.has(each) || each.op === "");
  const makers = reached.filter((each) => each.op === "NEW_LOCAL" && !kept.has(each));
  const gone = new Set();
  const resets = new Set([...uses].filter(([{ op }]) => /^RESET_LOCAL/.test(op)).map(([, use]) => use.maker));
  reached.forEach((each, index) => {
    const use = uses.get(each);
    if (!isPlain(use)) return;
    if (/^(RESET|REFRESH)_/.test(each.op)) gone.add(each);
    const [, , width] = FIRST.exec(each.op) ?? [];
    if (!width) return;
    // It is undefined anyway.
    const [before, after] = [reached[index - 1], reached[index + 1]];
    const isNothing = use.given === "never" && !resets.has(use.maker) && before.op === "UNDEFINED";
    if (isNothing && after.op === "POP" && !targets.has(each) && !targets.has(after))
      for (const part of [before, each, after]) gone.add(part);
    else each.op = `SET_LOCAL_${width}`;
  });
  for (const each of makers) Object.assign(each, { op: "NEW_TEMPORARY", operand: Buffer.alloc(0) });
  return without(gone, reached);
}

/** What makes variables that somebody may ask for too early, assigns although they are constant, or uses otherwise. */
function keptOf(uses) {
  const kept = new Set();
  const constant = new Set();
  for (const [{ op }, use] of uses) if (use && /^CONST_/.test(op)) constant.add(use.maker);
  for (const [{ op }, use] of uses) {
    if (!use) continue;
    if (!PLAIN.test(op)) kept.add(use.maker);
    if (/^(GET|SET|PULL)_/.test(op) && use.given !== "always") kept.add(use.maker);
    if (/^(SET|PULL)_/.test(op) && constant.has(use.maker)) kept.add(use.maker);
  }
  return kept;
}
