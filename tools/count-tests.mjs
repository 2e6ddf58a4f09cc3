// Adds up test reports (vitest's JSON, or {passed, failed}), names what failed, and prints the closing line of CI.
// Arguments: names of the CI steps that failed, separated by |, then report files; a file that is not there
// counts nothing. What failed is told last: of a long log people often see no more than its end.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/** Lines of a failure's message that are shown: the assertion and the place. */
const MESSAGE_LINES = 12;

const [steps = "", ...files] = process.argv.slice(2);
const failedSteps = steps.split("|").filter((step) => step !== "");
let passed = 0;
let failed = 0;
const told = [];

function tell(where, what, messages) {
  told.push(`FAILED ${where}: ${what}`);
  const lines = messages.join("\n").split("\n");
  told.push(...lines.slice(0, MESSAGE_LINES).map((line) => `    ${line}`));
}

for (const file of files) {
  if (!existsSync(file)) continue;
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed += report.numPassedTests ?? report.passed ?? 0;
  failed += report.numFailedTests ?? report.failed ?? 0;
  for (const suite of report.testResults ?? []) {
    const where = `${file} ${relative(process.cwd(), suite.name)}`;
    const broken = suite.assertionResults.filter(({ status }) => status === "failed");
    for (const test of broken) tell(where, test.fullName, test.failureMessages ?? []);
    // A suite that did not load, or whose hooks failed, has no failed test.
    if (suite.status === "failed" && broken.length === 0)
      tell(where, "the suite itself", [suite.message ?? ""]);
  }
}
// A step that failed without a failed test (lint, types, a lane that did not build) is a failure too.
if (failed === 0) failed = failedSteps.length;
for (const line of told) console.log(line);
for (const step of failedSteps) console.log(`FAILED step: ${step}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && failedSteps.length === 0 && passed > 0 ? 0 : 1;
