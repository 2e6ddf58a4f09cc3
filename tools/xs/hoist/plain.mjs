import { parse, Refusal, walk } from "../shrink/syntax.mjs";
import { resolved } from "./members.mjs";

/**
 * Whether a JavaScript module can be part of the one as it is: ECMAScript without XS's own words, that takes nothing from
 * `ours`.
 * @param {{ name: string, file: string, code: string }} module
 * @param {{ has(name: string): boolean }} ours
 */
export function isPlain({ name, file, code }, ours) {
  let isPlain = true;
  let tree;
  try {
    tree = parse(file, code);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
  walk(tree, ({ type, callee, source }) => {
    if (type === "CallExpression" && /^(native|Native|eval)$/.test(callee.name)) isPlain = false;
    if (type === "ImportExpression" || (source?.value && ours.has(resolved(name, source.value))))
      isPlain = false;
  });
  return isPlain;
}
