import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { examine, TOOLS } from "../../../tools/test/doctor.mjs";

const tool = (what: string, here: boolean) => ({
  what,
  from: `Debian: ${what}`,
  without: "a lane is left out",
  isHere: () => here,
});

describe("npm run doctor", () => {
  it("says what is here, and what is left out without the rest", () => {
    expect(examine([tool("cat", true), tool("dog", false)], "24.1.0")).toEqual({
      good: true,
      lines: ["yes  Node 24.1.0", "yes  cat", "no   dog: a lane is left out (Debian: dog)"],
    });
  });

  it("calls a Node that is too old by its number", () => {
    expect(examine([], "20.18.3").lines).toEqual(["NO   Node 20.18.3: 20.19, 22.12, 24 or newer is needed"]);
    expect(examine([], "20.18.3").good).toBe(false);
    for (const [version, good] of [
      ["18.20.0", false],
      ["20.19.0", true],
      ["21.7.0", false],
      ["22.11.0", false],
      ["22.12.0", true],
      ["24.0.0", true],
    ] as const)
      expect(examine([], version).good, version).toBe(good);
  });

  it("names every package of Debian that CI installs for a test", () => {
    const script = readFileSync(".ci/run", "utf8");
    const installed = /packages=\(([^)]*)\)/.exec(script)![1]!.split(/\s+/).filter(Boolean);
    // A font for screenshots and a screen without a screen serve the tools beside them.
    const named = `${TOOLS.map(({ from }) => from).join(" ")} xvfb fonts-dejavu-core`.split(/\s+/);
    expect(installed.filter((name) => !named.includes(name))).toEqual([]);
  });

  it("finds npm's packages, since this test runs", () => {
    expect(TOOLS[0]!.isHere()).toBe(true);
  });
});
