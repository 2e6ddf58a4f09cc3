// Adds up test reports (vitest's JSON, or {passed, failed}), names what failed, and prints the closing line of CI.
// Arguments: names of the CI steps that failed, separated by |, then report files; a file that is not there
// counts nothing. What failed is told last: of a long log people often see no more than its end.
import { existsSync } from "node:fs";
import { countLane } from "./reports.mjs";

/** Lines of a failure's message that are shown: the assertion and the place. */
const MESSAGE_LINES = 12;

const [steps = "", ...files] = process.argv.slice(2);
const failedSteps = steps.split("|").filter((step) => step !== "");
let passed = 0;
let failed = 0;

for (const file of files) {
  if (!existsSync(file)) continue;
  const lane = countLane(file);
  passed += lane.passed;
  failed += lane.failed;
  for (const test of lane.again) console.log(`PASSED WHEN RUN AGAIN ${test}`);
  for (const { where, what, messages } of lane.failures) {
    console.log(`FAILED ${where}: ${what}`);
    for (const line of messages.join("\n").split("\n").slice(0, MESSAGE_LINES)) console.log(`    ${line}`);
  }
}
// A step that failed without a failed test (lint, types, a lane that did not build) is a failure too.
if (failed === 0) failed = failedSteps.length;
for (const step of failedSteps) console.log(`FAILED step: ${step}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && failedSteps.length === 0 && passed > 0 ? 0 : 1;
