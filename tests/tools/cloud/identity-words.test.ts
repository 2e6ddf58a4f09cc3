import { expect, test } from "vitest";
import { identityWords } from "../../../tools/cloud/identity-words";

test("A reason of a certificate has its words, and what nobody knows has none", () => {
  expect(identityWords("trial-failed")).toContain("five minutes");
  for (const none of ["", "toString", "better-than-ever"]) expect(identityWords(none)).toBeUndefined();
});
