// Adds up test reports (vitest's JSON, or {passed, failed}) and prints the closing line of CI.
// Arguments: number of CI steps that failed, then report files; a file that is not there counts nothing.
import { existsSync, readFileSync } from "node:fs";

const [failedSteps = "0", ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of files) {
  if (!existsSync(file)) continue;
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed += report.numPassedTests ?? report.passed ?? 0;
  failed += report.numFailedTests ?? report.failed ?? 0;
}
// A step that failed without a failed test (lint, types, a lane that did not build) is a failure too.
if (failed === 0) failed = Number(failedSteps);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && Number(failedSteps) === 0 && passed > 0 ? 0 : 1;
