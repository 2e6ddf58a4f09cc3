import { expect, test } from "vitest";
import { updateWords } from "../../../tools/cloud/update-words";

test("Every reason has words of its own, those of TLS too, and what nobody knows has none", () => {
  expect(updateWords("wrong-board")).toContain("another board");
  expect(updateWords("unknown-ca")).toContain("certificate authority");
  for (const none of ["", "toString", "better-than-ever"]) expect(updateWords(none)).toBeUndefined();
});
