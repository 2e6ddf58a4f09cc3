// npm run audit: known flaws of the packages in the lock file, by npm's own registry call. A registry that gives no
// answer is said in one line and is no failure; a flaw of what ends in a device, or a high one, is.
import { spawnSync } from "node:child_process";
import { SCRIPT } from "../base/command.mjs";
import { ROOT } from "../base/sdk.mjs";
import { judgeAudit } from "./judge-audit.mjs";

const run = spawnSync("npm", ["audit", "--json"], {
  ...SCRIPT,
  cwd: ROOT,
  encoding: "utf8",
  maxBuffer: 1 << 26,
});
const { failed, lines } = judgeAudit(run.stdout ?? "");
for (const line of lines) console.log(line);
process.exitCode = failed ? 1 : 0;
