// Some of XS's instructions, numbered otherwise than XS does, so that nothing can rely on its numbers.
import { tableOf } from "../../../../tools/xs/bytecode/opcodes.mjs";

/** Lengths as XS's `gxCodeSizes` has them. */
const SIZES: Record<string, number> = {
  ADD: 1,
  ARGUMENT: 2,
  BEGIN_STRICT: 2,
  CALL: 1,
  DUB: 1,
  END: 1,
  END_ARROW: 1,
  EXCEPTION: 1,
  FUNCTION: 0,
  GET_PROPERTY: 0,
  GET_THIS_VARIABLE: 0,
  GET_VARIABLE: 0,
  GLOBAL: 1,
  LESS: 1,
  NEW_CLOSURE: 0,
  NEW_LOCAL: 0,
  NEW_TEMPORARY: 1,
  NOT: 1,
  POP: 1,
  PROGRAM_REFERENCE: 0,
  SET_RESULT: 1,
  START_GENERATOR: 1,
  THROW: 1,
  TO_INSTANCE: 1,
  TO_STRING: 1,
  UNCATCH: 1,
  UNDEFINED: 1,
  ...each(["INTEGER", "RESERVE", "RETRIEVE", "UNWIND", "STORE"], [1, 2], 1),
  ...each(
    ["CONST", "GET", "LET", "PULL", "REFRESH", "RESET", "SET", "VAR"].flatMap((name) => [
      `${name}_LOCAL`,
      `${name}_CLOSURE`,
    ]),
    [1, 2],
    1,
  ),
  ...each(["BRANCH", "BRANCH_ELSE", "BRANCH_IF", "CATCH", "CODE"], [1, 2, 4], 1),
  ...each(["STRING"], [1, 2], 0),
};

function each(names: string[], widths: number[], head: number): Record<string, number> {
  const sizes = names.flatMap((name) =>
    widths.map((width): [string, number] => [`${name}_${width}`, head ? head + width : -width]),
  );
  return Object.fromEntries(sizes);
}

const names = Object.keys(SIZES);
export const HEADER = `typedef struct { int a; } other;\nenum {\n\tXS_NO_CODE = 0,\n${names.map((name) => `\tXS_CODE_${name},\n`).join("")}\tXS_CODE_COUNT\n};`;
export const SOURCE = `const char* names[XS_CODE_COUNT] = {\n\t/* XS_NO_CODE */ "",\n};\nconst txS1 gxCodeSizes[XS_CODE_COUNT] ICACHE_FLASH_ATTR = {\n\t1 /* XS_NO_CODE */,\n${names.map((name) => `\t${SIZES[name]} /* XS_CODE_${name} */,\n`).join("")}};\n`;

export const TABLE = tableOf(HEADER, SOURCE);
