// Makes the bytecode of a module shorter without changing what it does. xsc writes it in one pass; docs/xs.md says what
// each step saves.
import { withCode } from "./archive.mjs";
import { placeArguments, placeUnread } from "./arguments.mjs";
import { decode, encode } from "./code.mjs";
import { Unknown } from "./flow.mjs";
import { placeLocals } from "./locals.mjs";
import { shortened } from "./peephole.mjs";

/**
 * @param {Buffer} module what xsc wrote (.xsb)
 * @param {import("./opcodes.mjs").Table} table
 */
export function shortenModule(module, table) {
  return withCode(module, (code) => shortenCode(code, table));
}

/** @returns {Buffer} the same; of what is no function only that it tells distances in fewer bytes */
export function shortenCode(code, table) {
  const list = decode(code, table);
  for (const each of list) if (each.body) each.body = shortenFunction(each.body);
  return encode(list, table);
}

function shortenFunction(body) {
  for (const each of body) if (each.body) each.body = shortenFunction(each.body);
  const placed = placedArguments(body);
  return placed ? shortened(placeUnread(shortened(placeLocals(placed)))) : body;
}

/** Undefined: nobody can follow the function, and it stays as it is. */
function placedArguments(body) {
  try {
    return placeArguments(body);
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}
