// Functions as xsc writes them.
import type { Instruction } from "../../../../tools/xs/bytecode/code.mjs";
import { decode, encode } from "../../../../tools/xs/bytecode/code.mjs";
import { shortenCode } from "../../../../tools/xs/bytecode/index.mjs";
import { TABLE } from "./table";

const WIDTHS: Record<number, string> = { 0: "", 1: "_1", 2: "_2" };
const IDS = /^(FUNCTION|GET_PROPERTY|GET_(THIS_)?VARIABLE|NEW_CLOSURE|NEW_LOCAL|PROGRAM_REFERENCE)$/;
const PLACES = /^(BRANCH|BRANCH_ELSE|BRANCH_IF|CATCH)$/;

/** One instruction; `value` is a number, or the instruction that it goes to. */
export function make(op: string, value?: number | Instruction): Instruction {
  if (PLACES.test(op)) return { op, to: value as Instruction };
  if (value === undefined) return { op, operand: Buffer.alloc(0) };
  const number = value as number;
  const isId = IDS.test(op);
  const isBare = op === "ARGUMENT" || op === "BEGIN_STRICT";
  const width = isId ? 2 : isBare || (number >= -128 && number < 128) ? 1 : 2;
  const operand = Buffer.alloc(width);
  operand.writeIntLE(number, 0, width);
  return { op: isId || isBare ? op : op + WIDTHS[width], operand };
}

/** A text of instructions, one a line, with places as "name:". */
export function written(text: string): Instruction[] {
  const lines = text.split("\n").map((line) => line.trim());
  const places = new Map<string, Instruction>();
  const list: Instruction[] = [];
  const going: [Instruction, string][] = [];
  let waiting: string[] = [];
  for (const line of lines.filter((each) => each !== "")) {
    const [, label] = /^(\w+):$/.exec(line) ?? [];
    if (label) {
      waiting.push(label);
      continue;
    }
    const [op, value] = line.split(" ") as [string, string?];
    const each = PLACES.test(op) ? make(op) : make(op, value === undefined ? undefined : Number(value));
    if (PLACES.test(op)) going.push([each, value!]);
    for (const name of waiting) places.set(name, each);
    waiting = [];
    list.push(each);
  }
  for (const [each, name] of going) each.to = places.get(name)!;
  return list;
}

/** The code of a module that makes the function. */
export function moduleOf(body: Instruction[]): Buffer {
  const inside = [...body, { op: "" }];
  return encode([make("FUNCTION", 1), { op: "CODE", body: inside }, make("END"), { op: "" }], TABLE);
}

export function functionIn(code: Buffer): Instruction[] {
  return (decode(code, TABLE) as Instruction[]).find(({ body }) => body)!.body!;
}

/** The function made shorter. */
export function shorter(body: Instruction[]): Instruction[] {
  return functionIn(shortenCode(moduleOf(body), TABLE));
}

/** As {@link written} reads it, without places. */
export function textOf(list: Instruction[]): string[] {
  return list
    .filter(({ op }) => op !== "")
    .map(({ op, operand }) =>
      operand?.length ? `${op.replace(/_[12]$/, "")} ${operand.readIntLE(0, operand.length)}` : op,
    );
}
