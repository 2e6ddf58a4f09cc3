// Runs the suites that a report names as failed once more, by themselves. Two cores carry browsers, brokers and
// machines at once here, and a computer that stood still for seconds is no fault of the firmware: what then passes is
// named in the log and counted as passed; what fails twice has failed. Many at once are no accident and are not tried.
// Arguments: the report, then the command of the lane (`npx vitest run …`), to which the suites' names are added.
// Writes the second report beside the first, as `….again.json`. Ends with 0 when everything passed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { againOf, failedSuites } from "./reports.mjs";

const MOST_SUITES = 3;

const [report, command, ...args] = process.argv.slice(2);
const again = againOf(report);
rmSync(again, { force: true });
const failed = existsSync(report) ? failedSuites(JSON.parse(readFileSync(report, "utf8"))) : [];
if (failed.length === 0 || failed.length > MOST_SUITES) {
  console.log(`run again: ${failed.length} suites failed: nothing is tried again`);
  process.exit(1);
}
const suites = failed.map(({ name }) => relative(process.cwd(), name));
console.log(`run again, by themselves: ${suites.join(", ")}`);
// A lane that names its suites is asked for the failed ones of them alone.
const options = args.filter((arg) => !arg.endsWith(".test.ts"));
const { status } = spawnSync(command, [...options, "--maxWorkers=1", ...suites], {
  stdio: "inherit",
  env: { ...process.env, AEROLINK_REPORT: again },
});
process.exit(status ?? 1);
