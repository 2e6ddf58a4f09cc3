// Which variable each instruction of a function means, and whether it has a value there: all ways through the function
// are followed.

/** @typedef {import("./code.mjs").Instruction} Instruction */

/**
 * @typedef {object} Variable
 * @property {Instruction} maker what makes it: NEW_LOCAL, NEW_CLOSURE …
 * @property {"never" | "maybe" | "always"} given whether it has been given a value since, on the ways that come here
 * @typedef {object} State
 * @property {Variable[]} variables that are there, the first made first
 * @property {Variable} [use] the one that the instruction means
 */

/** Instructions, without the width of what follows, of which it is known what they do to variables. */
const KNOWN = new Set(
  (
    "ADD ARGUMENT ARGUMENTS ARGUMENTS_STRICT ARRAY AT BEGIN_STRICT BEGIN_STRICT_BASE BEGIN_STRICT_DERIVED " +
    "BEGIN_STRICT_FIELD BIGINT BIT_AND BIT_NOT BIT_OR BIT_XOR BRANCH BRANCH_CHAIN BRANCH_COALESCE " +
    "BRANCH_ELSE BRANCH_IF CALL CATCH CHECK_INSTANCE CLASS CODE CONSTRUCTOR_FUNCTION CONST_CLOSURE " +
    "CONST_LOCAL COPY_OBJECT DECREMENT DELETE_PROPERTY DELETE_PROPERTY_AT DIVIDE DUB DUB_AT END END_ARROW " +
    "END_BASE END_DERIVED ENVIRONMENT EQUAL EXCEPTION EXPONENTIATION EXTEND FALSE FOR_IN FOR_OF FUNCTION " +
    "GET_CLOSURE GET_LOCAL GET_PROPERTY GET_PROPERTY_AT GET_SUPER GET_THIS GET_THIS_VARIABLE GET_VARIABLE " +
    "GLOBAL IN INCREMENT INSTANCEOF INSTANTIATE INTEGER LEFT_SHIFT LESS LESS_EQUAL LET_CLOSURE LET_LOCAL " +
    "MINUS MODULO MORE MORE_EQUAL MULTIPLY NAME NEW NEW_CLOSURE NEW_LOCAL NEW_PROPERTY NEW_PROPERTY_AT " +
    "NEW_TEMPORARY NOT NOT_EQUAL NULL NUMBER OBJECT PLUS POP PROGRAM_REFERENCE PULL_CLOSURE PULL_LOCAL " +
    "REFRESH_CLOSURE REFRESH_LOCAL REGEXP RESERVE RESET_CLOSURE RESET_LOCAL RETRIEVE RETRIEVE_TARGET " +
    "RETRIEVE_THIS RUN RUN_TAIL SET_CLOSURE SET_HOME SET_LOCAL SET_PROPERTY SET_PROPERTY_AT SET_RESULT " +
    "SET_SUPER SET_THIS SIGNED_RIGHT_SHIFT STORE STORE_ARROW STRICT_EQUAL STRICT_NOT_EQUAL STRING " +
    "SUBTRACT SUPER SWAP SYMBOL TARGET THIS THROW TO_INSTANCE TO_NUMERIC TO_STRING TRUE TYPEOF UNCATCH " +
    "UNDEFINED UNSIGNED_RIGHT_SHIFT UNWIND VAR_CLOSURE VAR_LOCAL VOID"
  ).split(" "),
);
/** What nothing follows. */
export const LAST = /^(END|END_ARROW|END_BASE|END_DERIVED|RETURN|THROW|RETHROW|BRANCH)$/;
/** A variable, by its number: the first that was made is 1. */
const LOCAL = /^(GET|SET|PULL|CONST|LET|VAR|REFRESH|RESET)_LOCAL_[12]$/;
const INDEXED = /_(LOCAL|CLOSURE)_[12]$|^STORE_[12]$/;
const GIVING = /^(SET|PULL|CONST|LET|VAR)_/;

/** A function that is to stay as it is. */
export class Unknown extends Error {
  name = "Unknown";
}

/**
 * @param {Instruction[]} list a function's
 * @returns {Map<Instruction, State>} for each that is ever come to
 * @throws {Unknown} when it cannot be told
 */
export function statesIn(list) {
  const foreign = list.find(({ op }) => op !== "" && !KNOWN.has(op.replace(/_[124]$/, "")));
  if (foreign) throw new Unknown(foreign.op);
  const isReset = new Set();
  let states = follow(list, isReset);
  for (const [{ op }, { use }] of states) if (use && /^RESET_LOCAL/.test(op)) isReset.add(use.maker);
  if (isReset.size > 0) states = follow(list, isReset);
  return states;
}

/** `isReset`: what may lose its value again. */
function follow(list, isReset) {
  const next = new Map(list.map((each, index) => [each, list[index + 1]]));
  const states = new Map();
  const waiting = [];
  const arrive = (instruction, state) => {
    if (!instruction) throw new Unknown("it has no end");
    const known = states.get(instruction);
    const merged = known ? mergedOf(known, state) : state;
    if (merged === known) return;
    states.set(instruction, merged);
    waiting.push(instruction);
  };
  arrive(list[0], []);
  while (waiting.length > 0) {
    const each = waiting.pop();
    if (each.op === "") throw new Unknown("it has no end");
    const state = states.get(each);
    if (each.to) arrive(each.to, each.op === "CATCH" ? caught(state, isReset) : state);
    if (!LAST.test(each.op)) arrive(next.get(each), after(each, state));
  }
  const stateOf = (each, variables) => {
    const use = isIndexed(each) ? variables[numberIn(each.operand) - 1] : undefined;
    return { variables, ...(use && { use }) };
  };
  return new Map([...states].map(([each, variables]) => [each, stateOf(each, variables)]));
}

/** A state: a list of what was made and is still there, each with whether it has a value. */
function mergedOf(known, state) {
  if (known.length !== state.length || known.some(({ maker }, index) => maker !== state[index].maker))
    throw new Unknown("two ways lead to one place with other variables");
  if (known.every(({ given }, index) => given === "maybe" || given === state[index].given)) return known;
  return known.map((each, index) =>
    each.given === state[index].given ? each : { maker: each.maker, given: "maybe" },
  );
}

/** Of what runs until it throws, nobody knows how much has run. */
function caught(state, isReset) {
  return state.map(({ maker, given }) => ({
    maker,
    given: given === "always" && !isReset.has(maker) ? "always" : "maybe",
  }));
}

function after(each, state) {
  const { op, operand } = each;
  if (/^NEW_(LOCAL|CLOSURE|TEMPORARY)$/.test(op))
    return [...state, { maker: each, given: op === "NEW_TEMPORARY" ? "always" : "never" }];
  if (/^RETRIEVE_[12]$/.test(op))
    return [...state, ...Array.from({ length: numberIn(operand) }, () => ({ maker: each, given: "always" }))];
  if (/^UNWIND_[12]$/.test(op)) {
    const count = numberIn(operand);
    if (count > state.length) throw new Unknown("more variables go than were made");
    return state.slice(0, state.length - count);
  }
  const index = isIndexed(each) ? numberIn(operand) - 1 : undefined;
  if (index === undefined) return state;
  if (!state[index]) throw new Unknown("a variable that was not made");
  if (!LOCAL.test(op) || (!GIVING.test(op) && !/^RESET_/.test(op))) return state;
  return state.with(index, { maker: state[index].maker, given: /^RESET_/.test(op) ? "never" : "always" });
}

/** Whether it means a variable by its number. */
export function isIndexed({ op }) {
  return INDEXED.test(op);
}

export function numberIn(operand) {
  return operand.readUIntLE(0, operand.length);
}
