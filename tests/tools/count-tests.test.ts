import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "count-tests-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SUITE = join(process.cwd(), "tests/some.test.ts");

function report(name: string, content: object): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function count(steps: string, ...files: string[]): { code: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, ["tools/count-tests.mjs", steps, ...files], {
    encoding: "utf8",
  });
  return { code: status, lines: stdout.trimEnd().split("\n") };
}

const good = report("good.json", {
  numPassedTests: 3,
  numFailedTests: 0,
  testResults: [
    { name: SUITE, status: "passed", assertionResults: [{ status: "passed", fullName: "It holds" }] },
  ],
});
const bad = report("bad.json", {
  numPassedTests: 1,
  numFailedTests: 1,
  testResults: [
    {
      name: SUITE,
      status: "failed",
      assertionResults: [
        { status: "passed", fullName: "It holds" },
        {
          status: "failed",
          fullName: "It breaks",
          failureMessages: ["AssertionError: 1 is not 2\n  at line 7"],
        },
      ],
    },
    { name: SUITE, status: "failed", message: "no such module", assertionResults: [] },
  ],
});

describe("CI's count", () => {
  it("adds the reports up and ends with one line", () => {
    expect(count("", good, join(folder, "absent.json"))).toEqual({ code: 0, lines: ["3 passed, 0 failed"] });
  });

  it("names every test that failed, with its message, before the last line", () => {
    const { code, lines } = count("npm test|", good, bad);
    expect(code).toBe(1);
    expect(lines).toEqual([
      `FAILED ${bad} tests/some.test.ts: It breaks`,
      "    AssertionError: 1 is not 2",
      "      at line 7",
      `FAILED ${bad} tests/some.test.ts: the suite itself`,
      "    no such module",
      "FAILED step: npm test",
      "4 passed, 1 failed",
    ]);
  });

  it("fails for a step that failed without a failed test, and for no test at all", () => {
    expect(count("npm run lint|", good).lines.at(-1)).toBe("3 passed, 1 failed");
    expect(count("npm run lint|", good).code).toBe(1);
    expect(count("").code).toBe(1);
  });
});
