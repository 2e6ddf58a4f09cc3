import { describe, expect, it } from "vitest";
import { after, before } from "./behaviour";
import { filesOf, HOSTILE } from "./hostile";

describe("A program made smaller does what it did", () => {
  it.each(Object.entries(HOSTILE))("%s", async (title, program) => {
    const files = filesOf(program);
    const expected = await before(files);
    if (!/ not there yet$|^A constant .*read (before|too early)/.test(title))
      expect(expected).toHaveProperty("result");
    expect(await after(files)).toEqual(expected);
  });
});
