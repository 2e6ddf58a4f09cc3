// Functions made at random, of blocks, loops, choices and what is caught, as xsc writes them: with variables that are read
// too early, constants that are assigned, values that a loop loses.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Instruction } from "../../../../tools/xs/bytecode/code.mjs";
import { fuzz, LONG } from "../../../support/volume";
import { run } from "./machine";
import { functionIn, make, moduleOf, shorter } from "./writer";

const RUNS = LONG ? 20_000 : 400;
const MOST_TURNS = 3;

type Statement =
  | { kind: "declare"; way: "CONST" | "LET" | "VAR"; value: Value; isLate: boolean; isShared: boolean }
  | { kind: "pattern"; value: Value; count: number; which: number }
  | { kind: "share"; which: number }
  | { kind: "assign"; which: number; value: Value }
  | { kind: "say"; value: Value }
  | { kind: "if"; test: Value; isDenied: boolean; yes: Statement[]; no: Statement[] }
  | { kind: "block"; body: Statement[] }
  | { kind: "loop"; hasOwn: boolean; body: Statement[] }
  | { kind: "try"; body: Statement[]; handler: Statement[] }
  | { kind: "give"; value: Value }
  | { kind: "throw"; value: Value };
type Value =
  | { kind: "number" | "local" | "argument" | "global" | "nothing"; number: number }
  | { kind: "sum"; parts: [Value, Value] };

const leaf: fc.Arbitrary<Value> = fc.record({
  kind: fc.constantFrom("number" as const, "local", "local", "local", "argument", "global", "nothing"),
  number: fc.nat(9),
});
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: fc.tuple(leaf, leaf).map((parts): Value => ({ kind: "sum", parts })) },
  // Twice the same.
  { weight: 1, arbitrary: leaf.map((part): Value => ({ kind: "sum", parts: [part, part] })) },
);

const { statements } = fc.letrec<{ statements: Statement[]; statement: Statement }>((tie) => ({
  statements: fc.array(tie("statement"), { maxLength: 4, depthIdentifier: "bytecode" }),
  statement: fc.oneof(
    { depthSize: "small", depthIdentifier: "bytecode", withCrossShrink: true },
    fc.record({
      kind: fc.constant("declare" as const),
      way: fc.constantFrom("CONST" as const, "LET", "VAR"),
      value,
      isLate: fc.boolean(),
      isShared: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("assign" as const), which: fc.nat(9), value }),
    fc.record({
      kind: fc.constant("pattern" as const),
      value,
      count: fc.integer({ min: 1, max: 2 }),
      which: fc.nat(9),
    }),
    fc.record({ kind: fc.constant("share" as const), which: fc.nat(9) }),
    fc.record({ kind: fc.constant("say" as const), value }),
    fc.record({ kind: fc.constant("give" as const), value }),
    fc.record({ kind: fc.constant("throw" as const), value }),
    fc.record({
      kind: fc.constant("if" as const),
      test: value,
      isDenied: fc.boolean(),
      yes: tie("statements"),
      no: tie("statements"),
    }),
    fc.record({ kind: fc.constant("block" as const), body: tie("statements") }),
    fc.record({ kind: fc.constant("loop" as const), hasOwn: fc.boolean(), body: tie("statements") }),
    fc.record({ kind: fc.constant("try" as const), body: tie("statements"), handler: tie("statements") }),
  ),
}));

/** Writes statements as xsc does: a block makes its variables first, and takes them away at its end. */
class Writer {
  readonly list: Instruction[] = [];
  /** What variables there are. */
  #kinds: ("LOCAL" | "CLOSURE")[] = [];

  put(op: string, operand?: number | Instruction): Instruction {
    const each = make(op, operand);
    this.list.push(each);
    return each;
  }

  get #depth(): number {
    return this.#kinds.length;
  }

  new(kind: "LOCAL" | "CLOSURE" = "LOCAL"): number {
    this.put(`NEW_${kind}`, this.#depth + 100);
    return this.#kinds.push(kind);
  }

  use(way: string, place: number): void {
    this.put(`${way}_${this.#kinds[place - 1]}`, place);
  }

  /** What the function has from around it, and its arguments, which are variables. */
  begin(around: number): void {
    this.put("BEGIN_STRICT", 3);
    this.put("RESERVE", 40);
    if (around > 0) this.put("RETRIEVE", around);
    for (let i = 0; i < around; i++) this.#kinds.push("CLOSURE");
    const places = [0, 1, 2].map(() => this.new());
    for (const [index, place] of places.entries()) {
      this.put("ARGUMENT", index);
      this.put("VAR_LOCAL", place);
      this.put("POP");
    }
  }

  value(of: Value): void {
    if (of.kind === "sum") {
      for (const part of of.parts) this.value(part);
      this.put("ADD");
    } else if (of.kind === "local") this.use("GET", (of.number % this.#depth) + 1);
    else if (of.kind === "argument") this.put("ARGUMENT", of.number % 3);
    else if (of.kind === "global") {
      this.put("PROGRAM_REFERENCE", of.number);
      this.put("GET_VARIABLE", of.number);
    } else if (of.kind === "nothing") this.put("UNDEFINED");
    else this.put("INTEGER", of.number);
  }

  block(statements: Statement[]): void {
    const outer = this.#depth;
    const own = statements.filter((each) => each.kind === "declare");
    const places = own.map(({ isShared }) => this.new(isShared ? "CLOSURE" : "LOCAL"));
    let next = 0;
    for (const each of statements) {
      if (each.kind !== "declare") this.statement(each);
      else {
        const place = places[next++]!;
        // What is late is given on one way only.
        const past = each.isLate ? make("BRANCH_IF") : undefined;
        if (past) {
          this.put("ARGUMENT", 1);
          this.list.push(past);
        }
        this.value(each.value);
        this.use(each.way, place);
        this.put("POP");
        if (past) past.to = this.here();
      }
    }
    if (this.#depth > outer) this.put("UNWIND", this.#depth - outer);
    this.#kinds.length = outer;
  }

  /** Something to go to that does nothing. */
  here(): Instruction {
    const each = this.put("UNDEFINED");
    this.put("POP");
    return each;
  }

  statement(each: Statement): void {
    if (each.kind === "assign") {
      this.value(each.value);
      if (each.which % 2) this.use("PULL", (each.which % this.#depth) + 1);
      else {
        this.use("SET", (each.which % this.#depth) + 1);
        this.put("POP");
      }
    } else if (each.kind === "share") {
      const place = (each.which % this.#depth) + 1;
      if (this.#kinds[place - 1] === "CLOSURE") this.put("STORE", place);
    } else if (each.kind === "pattern") this.pattern(each);
    else if (each.kind === "say") {
      this.value(each.value);
      this.put("TO_STRING");
      this.put("POP");
    } else if (each.kind === "give") {
      this.value(each.value);
      this.put("SET_RESULT");
      if (this.#depth > 0) this.put("UNWIND", this.#depth);
      this.put("END");
    } else if (each.kind === "throw") {
      this.value(each.value);
      this.put("THROW");
    } else if (each.kind === "block") this.block(each.body);
    else if (each.kind === "if") this.if(each);
    else if (each.kind === "loop") this.loop(each);
    else if (each.kind === "try") this.try(each);
  }

  /** Two variables of its own, the second for what a pattern does not name. */
  pattern({ value, count, which }: Statement & { kind: "pattern" }): void {
    const into = (which % this.#depth) + 1;
    this.value(value);
    const [object] = [this.#depth + 1];
    for (let i = 0; i < 2; i++) this.put("NEW_TEMPORARY");
    this.put("DUB");
    this.put("TO_INSTANCE");
    this.put("PULL_LOCAL", object);
    for (let i = 0; i < count; i++) {
      this.put("GET_LOCAL", object);
      this.put("GET_PROPERTY", i);
      this.use("PULL", into);
    }
    this.put("UNWIND", 2);
    this.put("POP");
  }

  if({ test, isDenied, yes, no }: Statement & { kind: "if" }): void {
    this.value(test);
    if (isDenied) this.put("NOT");
    const other = this.put("BRANCH_ELSE");
    this.block(yes);
    const past = this.put("BRANCH");
    const [first] = [this.list.length];
    this.block(no);
    past.to = this.here();
    other.to = this.list[first]!;
  }

  loop({ hasOwn, body }: Statement & { kind: "loop" }): void {
    const outer = this.#depth;
    const counter = this.new();
    this.put("INTEGER", 0);
    this.put("LET_LOCAL", counter);
    this.put("POP");
    const own = hasOwn ? this.new() : undefined;
    const again = this.put("REFRESH_LOCAL", counter);
    this.put("GET_LOCAL", counter);
    this.put("INTEGER", MOST_TURNS);
    this.put("LESS");
    this.put("NOT");
    const done = this.put("BRANCH_IF");
    if (own !== undefined) {
      this.put("RESET_LOCAL", own);
      if (body.length % 2) {
        this.put("GET_LOCAL", counter);
        this.put("CONST_LOCAL", own);
        this.put("POP");
      }
    }
    this.put("GET_LOCAL", counter);
    this.put("INTEGER", 1);
    this.put("ADD");
    this.put("SET_LOCAL", counter);
    this.put("POP");
    this.block(body);
    this.put("BRANCH", again);
    done.to = this.here();
    this.put("UNWIND", this.#depth - outer);
    this.#kinds.length = outer;
  }

  try({ body, handler }: Statement & { kind: "try" }): void {
    const caught = this.put("CATCH");
    this.block(body);
    this.put("UNCATCH");
    const past = this.put("BRANCH");
    caught.to = this.put("EXCEPTION");
    this.put("TO_STRING");
    this.put("POP");
    this.block(handler);
    past.to = this.here();
  }
}

function functionOf(statements: Statement[], around: number): Instruction[] {
  const writer = new Writer();
  writer.begin(around);
  writer.block(statements);
  writer.put("END");
  return writer.list;
}

/** Endless is a loop whose counter a statement set back: of both it is the same. */
function outcomeOf(list: Instruction[], given: unknown[]): unknown {
  try {
    return run(list, given);
  } catch (error) {
    return (error as Error).message;
  }
}

it("Functions made at random do the same when their bytecode is made shorter", () => {
  let shortest = 1;
  let saved = 0;
  fc.assert(
    fc.property(
      statements,
      fc.nat(2),
      fc.array(fc.constantFrom(0, 1, 7, "x"), { minLength: 3, maxLength: 3 }),
      (program, around, given) => {
        const before = functionIn(moduleOf(functionOf(program, around)));
        const after = shorter(functionOf(program, around));
        const expected = outcomeOf(before, given);
        if (expected !== "it does not end") expect(outcomeOf(after, given)).toEqual(expected);
        const [from, to] = [moduleOf(before.slice(0, -1)).length, moduleOf(after.slice(0, -1)).length];
        expect(to).toBeLessThanOrEqual(from);
        shortest = Math.min(shortest, to / from);
        saved += from - to;
      },
    ),
    fuzz(RUNS),
  );
  expect(saved).toBeGreaterThan(RUNS);
  expect(shortest).toBeLessThan(0.8);
});
