import { describe, expect, it } from "vitest";
import { findSdk } from "../../../../tools/base/sdk.mjs";
import { withCode } from "../../../../tools/xs/bytecode/archive.mjs";
import type { Instruction } from "../../../../tools/xs/bytecode/code.mjs";
import { decode, encode } from "../../../../tools/xs/bytecode/code.mjs";
import { readTable, tableOf } from "../../../../tools/xs/bytecode/opcodes.mjs";
import { HEADER, SOURCE, TABLE } from "./table";
import { make } from "./writer";

describe("Distances", () => {
  const gap = (length: number): Instruction => {
    const operand = Buffer.alloc(length - 1);
    operand.writeUIntLE(length - 3, 0, 2);
    return { op: "STRING_2", operand };
  };

  it.each([
    [127, 2],
    [128, 3],
    [0x7fff, 3],
    [0x8000, 5],
  ])("over %i bytes take as few bytes as they can: with the instruction %i", (length, size) => {
    const end = make("END");
    const list = [make("BRANCH_IF", end), gap(length), end, { op: "" }];
    const code = encode(list, TABLE);
    expect(code.length).toBe(size + length + 1);
    const again = decode(code, TABLE) as Instruction[];
    expect(again[0]!.to).toBe(again[2]);
    expect(encode(again, TABLE).equals(code)).toBe(true);
  });

  it.each([
    [126, 2],
    [127, 3],
    [0x7ffd, 3],
    [0x7ffe, 5],
  ])("back over %i bytes too: with the instruction %i", (length, size) => {
    const first = gap(length);
    const code = encode([first, make("BRANCH", first), { op: "" }], TABLE);
    expect(code.length).toBe(length + size);
    const again = decode(code, TABLE) as Instruction[];
    expect(again[1]!.to).toBe(again[0]);
  });

  it("that xsc told in more bytes than they need are told in fewer", () => {
    const wide = Buffer.from([
      TABLE.numbers.get("BRANCH_2")!,
      1,
      0,
      TABLE.numbers.get("POP")!,
      TABLE.numbers.get("END")!,
    ]);
    const list = decode(wide, TABLE);
    expect(encode(list, TABLE)).toEqual(
      Buffer.from([TABLE.numbers.get("BRANCH_1")!, 1, TABLE.numbers.get("POP")!, TABLE.numbers.get("END")!]),
    );
  });
});

describe("What is no module of XS ends the build", () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      "a number that no instruction has",
      () => decode(Buffer.from([255]), TABLE),
      /no instruction of XS at 0/,
    ],
    [
      "an instruction that is cut short",
      () => decode(Buffer.from([TABLE.numbers.get("CODE_2")!, 1]), TABLE),
      /no instruction of XS at 0/,
    ],
    [
      "a way into the middle of an instruction",
      () =>
        decode(Buffer.from([TABLE.numbers.get("BRANCH_1")!, 1, TABLE.numbers.get("INTEGER_1")!, 0]), TABLE),
      /BRANCH goes to 3, where nothing begins/,
    ],
    [
      "a function longer than what holds it",
      () => decode(Buffer.from([TABLE.numbers.get("CODE_1")!, 9]), TABLE),
      /ends behind what holds it/,
    ],
    [
      "another file",
      () => withCode(Buffer.from("module text here"), (code: Buffer) => code),
      /not a module that xsc made/,
    ],
    [
      "a list of lengths that is not XS's",
      () => tableOf(HEADER.replace("\tXS_CODE_ADD,\n", ""), SOURCE),
      /XS has \d+ instructions, and lengths of \d+/,
    ],
  ])("%s", (_title, act, reason) => {
    expect(act).toThrow(reason);
  });
});

it("Of a module only its code changes, and its length", () => {
  const box = (name: string, content: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + content.length, 0);
    head.write(name, 4, "latin1");
    return Buffer.concat([head, content]);
  };
  const module = (code: string) =>
    box(
      "XS_B",
      Buffer.concat([
        box("VERS", Buffer.from([1, 2, 3, 4])),
        box("SYMB", Buffer.from("names")),
        box("CODE", Buffer.from(code)),
        box("HOST", Buffer.from([0])),
      ]),
    );
  expect(withCode(module("old code"), () => Buffer.from("new"))).toEqual(module("new"));
});

const sdk = findSdk();
it.runIf(sdk)("The SDK's own list of instructions is read", () => {
  const { names, sizes, numbers } = readTable(sdk!.root);
  expect(names.length).toBe(sizes.length);
  const size = (name: string): number | undefined => sizes[numbers.get(name)!];
  expect(
    ["POP", "GET_LOCAL_1", "GET_LOCAL_2", "NEW_LOCAL", "NUMBER", "BRANCH_4", "STRING_2", "PROFILE"].map(size),
  ).toEqual([1, 2, 3, 0, 9, 5, -2, 3]);
});
