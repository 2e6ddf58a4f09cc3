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
  const { status, stdout } = spawnSync(process.execPath, ["tools/test/count-tests.mjs", steps, ...files], {
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

  describe("after a second run of what failed", () => {
    const test = (status: string, fullName: string) => ({ status, fullName, failureMessages: ["no"] });
    const firstRun = {
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [
        {
          name: SUITE,
          status: "failed",
          assertionResults: [test("passed", "It holds"), test("failed", "It breaks")],
        },
      ],
    };

    function twice(name: string, status: string, breaks: string) {
      const first = report(`${name}.json`, firstRun);
      report(`${name}.again.json`, {
        testResults: [
          {
            name: SUITE,
            status,
            assertionResults: [test("passed", "It holds"), test(breaks, "It breaks")],
          },
        ],
      });
      return count("", first);
    }

    it("counts a suite that then passed as a whole, and names the test", () => {
      expect(twice("healed", "passed", "passed")).toEqual({
        code: 0,
        lines: ["PASSED WHEN RUN AGAIN tests/some.test.ts: It breaks", "2 passed, 0 failed"],
      });
    });

    it("keeps the failure of one that failed twice, and of one that skipped the test", () => {
      expect(twice("broken", "failed", "failed").lines.at(-1)).toBe("1 passed, 1 failed");
      expect(twice("skipped", "passed", "skipped").lines.at(-1)).toBe("1 passed, 1 failed");
    });

    /** A lane that says what it was asked for, and that it failed. */
    const LANE = ["node", "-e", "console.log('asked', ...process.argv.slice(1)); process.exit(3)", "--"];
    const again = (file: string) => {
      const { status, stdout } = spawnSync(process.execPath, ["tools/test/run-again.mjs", file, ...LANE], {
        encoding: "utf8",
      });
      return { status, last: stdout.trimEnd().split("\n").at(-1) };
    };

    it("runs the failed suites alone, and ends as they do", () => {
      expect(again(report("once.json", firstRun))).toEqual({
        status: 3,
        last: "asked --maxWorkers=1 tests/some.test.ts",
      });
    });

    it("tries nothing again where many suites failed, or none", () => {
      const [suite] = firstRun.testResults;
      const many = ["a", "b", "c", "d"].map((name) => ({ ...suite, name }));
      expect(again(report("many.json", { testResults: many })).status).toBe(1);
      expect(again(report("none.json", { testResults: [] })).status).toBe(1);
      expect(again(join(folder, "absent.json")).status).toBe(1);
    });
  });

  it("fails for a step that failed without a failed test, and for no test at all", () => {
    expect(count("npm run lint|", good).lines.at(-1)).toBe("3 passed, 1 failed");
    expect(count("npm run lint|", good).code).toBe(1);
    expect(count("").code).toBe(1);
  });
});
