// What the reports of vitest say (its JSON reporter), and a second run of what failed in the first.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/** Where the second run of `report`'s failed suites is reported. */
export const againOf = (report) => report.replace(/\.json$/, ".again.json");

export const failedTests = (suite) => suite.assertionResults.filter(({ status }) => status === "failed");

/** A suite that did not load, or whose hooks failed, has no failed test and has failed all the same. */
export const failedSuites = (report) =>
  (report.testResults ?? []).filter((suite) => suite.status === "failed" || failedTests(suite).length > 0);

/**
 * Counts and failures of one lane. A suite that failed and passed as a whole when it ran again counts as it did then.
 * @returns {{passed: number, failed: number, failures: {where: string, what: string, messages: string[]}[], again: string[]}}
 */
export function countLane(file) {
  const first = JSON.parse(readFileSync(file, "utf8"));
  const second = existsSync(againOf(file)) ? JSON.parse(readFileSync(againOf(file), "utf8")) : {};
  const healed = new Map(
    (second.testResults ?? [])
      .filter((suite) => suite.status === "passed" && suite.assertionResults.length > 0)
      .map((suite) => [suite.name, suite]),
  );
  let passed = first.numPassedTests ?? first.passed ?? 0;
  let failed = first.numFailedTests ?? first.failed ?? 0;
  const failures = [];
  const again = [];
  for (const suite of failedSuites(first)) {
    const name = relative(process.cwd(), suite.name);
    const broken = failedTests(suite);
    const count = (of, status) => of.assertionResults.filter((test) => test.status === status).length;
    const then = healed.get(suite.name);
    if (then && count(then, "passed") >= count(suite, "passed") + broken.length) {
      passed += count(then, "passed") - count(suite, "passed");
      failed -= broken.length;
      for (const { fullName } of broken) again.push(`${name}: ${fullName}`);
      if (broken.length === 0) again.push(`${name}: the suite itself`);
      continue;
    }
    const where = `${file} ${name}`;
    for (const { fullName, failureMessages } of broken)
      failures.push({ where, what: fullName, messages: failureMessages ?? [] });
    if (broken.length === 0)
      failures.push({ where, what: "the suite itself", messages: [suite.message ?? ""] });
  }
  return { passed, failed, failures, again };
}
