// npm run test:nodes: the fast part of `npm test`, and `npm start` up to solid blue, on each Node that people have. Their
// programs come from the registry (the packages node-<system>-<processor>), into build/nodes/. Arguments: versions, in
// place of the usual ones. `AEROLINK_REPORT`: a JSON file for the counts, {passed, failed}.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SCRIPT } from "../base/command.mjs";
import { ROOT } from "../base/sdk.mjs";

/** The lowest of the oldest, and the newest of each line that lives. */
const VERSIONS = ["20.19.5", "22", "24"];
/** What differs between Nodes: sockets, TLS, files, regular expressions, JSON. */
const FAST = [
  "tls/host",
  "modules/base",
  "modules/names",
  "modules/telemetry",
  "mqtt",
  "led",
  "sim/sdk",
  "sim/cli.test.ts",
].map((suite) => `tests/${suite}`);

const SYSTEM = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const versions = process.argv.length > 2 ? process.argv.slice(2) : VERSIONS;
const counts = { passed: 0, failed: 0 };

for (const version of versions) {
  const node = fetchNode(version);
  if (node === undefined) {
    console.log(
      `test:nodes: Node ${version} skipped, the registry has no node-${SYSTEM} of it or does not answer`,
    );
    continue;
  }
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
  };
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  console.log(`== Node ${stdout.trim()}`);
  const report = join(ROOT, "build", "nodes", `${version}.json`);
  const tests = spawnSync(node, [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", ...FAST], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...env, AEROLINK_REPORT: report },
  });
  const { numPassedTests = 0, numFailedTests = 0 } = existsSync(report)
    ? JSON.parse(readFileSync(report, "utf8"))
    : {};
  counts.passed += numPassedTests;
  counts.failed += numFailedTests || (tests.status === 0 ? 0 : 1);
  const folder = mkdtempSync(join(tmpdir(), "aerolink-"));
  const options = ["--headless", "--state", folder, "--until", "solid-blue", "--seconds", "90"];
  const start = spawnSync(node, [join(ROOT, "tools/start/start.mjs"), ...options], {
    cwd: ROOT,
    encoding: "utf8",
    env,
  });
  rmSync(folder, { recursive: true, force: true });
  if (start.status === 0) counts.passed++;
  else {
    counts.failed++;
    console.log(`Node ${version}: npm start did not end in solid blue\n${start.stdout}${start.stderr}`);
  }
}
if (process.env.AEROLINK_REPORT) writeFileSync(process.env.AEROLINK_REPORT, JSON.stringify(counts));
console.log(`test:nodes: ${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

/** @returns the program; `undefined`: it cannot be had */
function fetchNode(version) {
  const folder = join(ROOT, "build", "nodes", version);
  const node = join(
    folder,
    "node_modules",
    `node-${SYSTEM}`,
    process.platform === "win32" ? "bin/node.exe" : "bin/node",
  );
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  const wanted = [`node-${SYSTEM}@${version}`, "--no-audit", "--no-fund", "--no-package-lock"];
  spawnSync("npm", ["install", ...wanted], { ...SCRIPT, cwd: folder, stdio: "ignore" });
  return existsSync(node) ? node : undefined;
}
