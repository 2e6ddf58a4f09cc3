import { describe, expect, it } from "vitest";
import { run } from "./machine";
import { functionIn, moduleOf, shorter, textOf, written } from "./writer";

/** The same outcome for some arguments, and what stands there now. */
function same(text: string): string[] {
  const before = functionIn(moduleOf(written(text)));
  const after = shorter(written(text));
  for (const given of [[], [0, 1], [1, 0], [5, "five"]])
    expect(run(after, given)).toEqual(run(before, given));
  return textOf(after);
}

describe("Variables of a function", () => {
  it("have no name, and take their first value from the stack", () => {
    const text = same(`BEGIN_STRICT 1
      NEW_LOCAL 7
      ARGUMENT 0
      VAR_LOCAL 1
      POP
      NEW_LOCAL 8
      INTEGER 5
      CONST_LOCAL 2
      POP
      GET_LOCAL 1
      GET_LOCAL 2
      ADD
      PULL_LOCAL 1
      GET_LOCAL 2
      GET_LOCAL 1
      ADD
      SET_RESULT
      END`);
    expect(text.slice(1, 7)).toEqual(
      "NEW_TEMPORARY,ARGUMENT 0,PULL_LOCAL 1,NEW_TEMPORARY,INTEGER 5,PULL_LOCAL 2".split(","),
    );
  });

  it("are none where they are an argument for ever, and the others have other numbers", () => {
    const text = same(`BEGIN_STRICT 2
      RETRIEVE 1
      NEW_LOCAL 7
      NEW_LOCAL 8
      ARGUMENT 0
      VAR_LOCAL 2
      POP
      ARGUMENT 1
      VAR_LOCAL 3
      POP
      NEW_CLOSURE 9
      GET_LOCAL 2
      VAR_CLOSURE 4
      POP
      STORE 4
      STORE 1
      GET_LOCAL 3
      INTEGER 1
      ADD
      PULL_LOCAL 3
      GET_CLOSURE 4
      GET_LOCAL 3
      ADD
      SET_RESULT
      END`);
    expect(text.slice(1)).toEqual(
      (
        "RETRIEVE 1,NEW_TEMPORARY,ARGUMENT 1,PULL_LOCAL 2,NEW_CLOSURE 9,ARGUMENT 0,VAR_CLOSURE 3,POP,STORE 3,STORE 1," +
        "GET_LOCAL 2,INTEGER 1,ADD,PULL_LOCAL 2,GET_CLOSURE 3,GET_LOCAL 2,ADD,SET_RESULT,END"
      ).split(","),
    );
  });

  it("are none where nobody asks for them, and the end of a block takes fewer", () => {
    const text = same(`BEGIN_STRICT 1
      NEW_LOCAL 7
      INTEGER 3
      LET_LOCAL 1
      POP
      NEW_TEMPORARY
      NEW_TEMPORARY
      GET_LOCAL 1
      SET_LOCAL 2
      TO_STRING
      PULL_LOCAL 3
      UNWIND 2
      NEW_TEMPORARY
      NEW_TEMPORARY
      ARGUMENT 0
      PULL_LOCAL 3
      GET_LOCAL 3
      TO_STRING
      GET_LOCAL 3
      POP
      POP
      UNWIND 2
      GET_LOCAL 1
      INTEGER 1
      ADD
      SET_LOCAL 1
      SET_RESULT
      END`);
    expect(text.filter((each) => /^(NEW|UNWIND)/.test(each))).toEqual([
      "NEW_TEMPORARY",
      "NEW_TEMPORARY",
      "UNWIND 1",
    ]);
  });

  it("are undefined without being told so", () => {
    const text = same(
      "BEGIN_STRICT 0\nNEW_LOCAL 7\nUNDEFINED\nLET_LOCAL 1\nPOP\nGET_LOCAL 1\nSET_RESULT\nEND",
    );
    expect(text.slice(1)).toEqual(["NEW_TEMPORARY", "GET_LOCAL 1", "SET_RESULT", "END"]);
  });

  it("but for one that is made undefined once more", () => {
    const text = same(`BEGIN_STRICT 1
      NEW_LOCAL 7
      INTEGER 3
      VAR_LOCAL 1
      POP
      UNDEFINED
      LET_LOCAL 1
      POP
      GET_LOCAL 1
      SET_RESULT
      END`);
    expect(text).toContain("UNDEFINED");
  });

  it("or one that is undefined again at each turn of a loop", () => {
    same(`BEGIN_STRICT 1
      NEW_LOCAL 7
      NEW_LOCAL 8
      INTEGER 0
      LET_LOCAL 2
      POP
      again:
      RESET_LOCAL 1
      UNDEFINED
      LET_LOCAL 1
      POP
      GET_LOCAL 1
      TO_STRING
      POP
      INTEGER 5
      PULL_LOCAL 1
      GET_LOCAL 2
      BRANCH_IF out
      INTEGER 1
      PULL_LOCAL 2
      BRANCH again
      out:
      END`);
  });

  const KEPT: Record<string, string> = {
    "is read before its value": "NEW_LOCAL 7\nGET_LOCAL 1\nLET_LOCAL 1\nPOP\nEND",
    "is read on a way that gave it none": `NEW_LOCAL 7
      ARGUMENT 0
      BRANCH_IF behind
      INTEGER 1
      LET_LOCAL 1
      POP
      behind:
      GET_LOCAL 1
      SET_RESULT
      END`,
    "is read where what failed may have given it a value": `NEW_LOCAL 7
      CATCH caught
      ARGUMENT 0
      BRANCH_IF fails
      INTEGER 1
      LET_LOCAL 1
      POP
      fails:
      INTEGER 2
      THROW
      caught:
      GET_LOCAL 1
      SET_RESULT
      END`,
    "loses its value in a loop that may fail": `NEW_LOCAL 7
      INTEGER 1
      LET_LOCAL 1
      POP
      CATCH caught
      RESET_LOCAL 1
      INTEGER 2
      THROW
      caught:
      GET_LOCAL 1
      SET_RESULT
      END`,
    "is constant, and assigned": `NEW_LOCAL 7
      INTEGER 1
      CONST_LOCAL 1
      POP
      CATCH caught
      INTEGER 2
      PULL_LOCAL 1
      END
      caught:
      EXCEPTION
      SET_RESULT
      END`,
  };
  it.each(Object.entries(KEPT))("stay as they are where one %s", (_title, text) => {
    expect(same(`BEGIN_STRICT 1\n${text}`)).toContain("NEW_LOCAL 7");
  });

  it("stay in a function that is none of ours, or that nobody can follow", () => {
    const generator = "BEGIN_STRICT 0\nSTART_GENERATOR\nNEW_LOCAL 7\nUNDEFINED\nLET_LOCAL 1\nPOP\nEND";
    expect(textOf(shorter(written(generator)))).toContain("NEW_LOCAL 7");
    const twoWays = same(`BEGIN_STRICT 1
      ARGUMENT 0
      BRANCH_IF other
      NEW_LOCAL 7
      BRANCH both
      other:
      NEW_LOCAL 8
      both:
      INTEGER 1
      LET_LOCAL 1
      POP
      GET_LOCAL 1
      SET_RESULT
      END`);
    expect(twoWays).toContain("NEW_LOCAL 8");
  });

  it("of a loop have no value of the turn before", () => {
    const text = same(`BEGIN_STRICT 0
      NEW_LOCAL 7
      NEW_LOCAL 8
      INTEGER 0
      LET_LOCAL 1
      POP
      again:
      RESET_LOCAL 2
      GET_LOCAL 1
      TO_STRING
      CONST_LOCAL 2
      POP
      GET_LOCAL 2
      INTEGER 1
      BRANCH_IF out
      POP
      BRANCH again
      out:
      SET_RESULT
      END`);
    expect(text.join()).not.toMatch(/RESET|CONST/);
  });
});

describe("Shorter words", () => {
  it.each<[string, string, string]>([
    [
      "what is kept and taken again",
      "NEW_TEMPORARY\nINTEGER 1\nPULL_LOCAL 1\nGET_LOCAL 1\nTO_STRING\nPOP\nGET_LOCAL 1\nSET_RESULT\nEND",
      "SET_LOCAL 1",
    ],
    [
      "what is taken twice",
      "NEW_TEMPORARY\nGET_LOCAL 1\nGET_LOCAL 1\nADD\nSET_RESULT\nEND",
      "GET_LOCAL 1,DUB",
    ],
    [
      "what is denied before a choice",
      "ARGUMENT 0\nNOT\nBRANCH_ELSE a\nINTEGER 1\nSET_RESULT\nEND\na:\nEND",
      "BRANCH_IF",
    ],
    [
      "a choice to go past a way elsewhere",
      "ARGUMENT 0\nBRANCH_IF a\nBRANCH b\na:\nINTEGER 1\nSET_RESULT\nb:\nEND",
      "ARGUMENT 0,BRANCH_ELSE,INTEGER 1",
    ],
    ["a global", "PROGRAM_REFERENCE 9\nGET_VARIABLE 9\nSET_RESULT\nEND", "GLOBAL,GET_PROPERTY 9,SET_RESULT"],
    [
      "a global's call",
      "UNDEFINED\nPROGRAM_REFERENCE 9\nGET_THIS_VARIABLE 9\nSET_RESULT\nEND",
      "UNDEFINED,GLOBAL,GET_PROPERTY 9",
    ],
    [
      "an end that is gone to",
      "ARGUMENT 0\nBRANCH_IF a\nBRANCH b\na:\nINTEGER 1\nTO_STRING\nBRANCH b\nb:\nEND",
      "INTEGER 1,TO_STRING,END",
    ],
    [
      "variables at the end",
      "NEW_TEMPORARY\nNEW_TEMPORARY\nGET_LOCAL 1\nGET_LOCAL 2\nADD\nSET_RESULT\nUNWIND 1\nUNWIND 1\nEND",
      "ADD,SET_RESULT,END",
    ],
    [
      "blocks that end together",
      "NEW_TEMPORARY\nNEW_TEMPORARY\nGET_LOCAL 1\nGET_LOCAL 2\nADD\nTO_STRING\nPOP\nUNWIND 1\nUNWIND 1\nINTEGER 1\nSET_RESULT\nEND",
      "UNWIND 2",
    ],
    [
      "a pattern of one property",
      "NEW_TEMPORARY\nNEW_TEMPORARY\nNEW_TEMPORARY\nARGUMENT 0\nDUB\nTO_INSTANCE\nPULL_LOCAL 2\nGET_LOCAL 2\nGET_PROPERTY 5\nPULL_LOCAL 1\nUNWIND 2\nPOP\nGET_LOCAL 1\nTO_STRING\nPOP\nGET_LOCAL 1\nSET_RESULT\nEND",
      "NEW_TEMPORARY,ARGUMENT 0,GET_PROPERTY 5,SET_LOCAL 1",
    ],
    [
      "what is pushed for nobody",
      "INTEGER 3\nARGUMENT 0\nDUB\nPOP\nPOP\nSET_RESULT\nEND",
      "BEGIN_STRICT 1,INTEGER 3,SET_RESULT",
    ],
  ])("are found for %s", (_title, text, found) => {
    expect(same(`BEGIN_STRICT 1\n${text}`).join()).toContain(found);
  });

  it("are not where something goes to the middle", () => {
    const text = same(`BEGIN_STRICT 1
      NEW_TEMPORARY
      INTEGER 1
      ARGUMENT 0
      BRANCH_IF middle
      INTEGER 2
      PULL_LOCAL 1
      middle:
      GET_LOCAL 1
      ADD
      SET_RESULT
      END`);
    expect(text.join()).toContain("PULL_LOCAL 1,GET_LOCAL 1");
  });

  it("also begin where something goes to, round a loop too", () => {
    same(`BEGIN_STRICT 2
      NEW_TEMPORARY
      again:
      GET_LOCAL 1
      GET_LOCAL 1
      ADD
      TO_STRING
      POP
      ARGUMENT 0
      BRANCH_IF out
      ARGUMENT 1
      BRANCH_ELSE out
      ARGUMENT 1
      BRANCH_ELSE again
      out:
      END`);
  });

  it("leave a loop that goes to itself", () => {
    const text = shorter(written("BEGIN_STRICT 0\nagain:\nBRANCH again\nEND"));
    expect(textOf(text)).toEqual(["BEGIN_STRICT 0", "BRANCH"]);
  });
});

it("What nothing comes to goes", () => {
  const text = same("BEGIN_STRICT 1\nARGUMENT 0\nSET_RESULT\nEND\nINTEGER 1\nPOP\nEND");
  expect(text).toEqual(["BEGIN_STRICT 1", "ARGUMENT 0", "SET_RESULT", "END"]);
});
