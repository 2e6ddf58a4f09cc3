// node tools/bench/newcomer.mjs [repository]: what somebody new does, in an empty folder, and how long each step takes:
// `git clone`, `npm ci`, `npm start` until its page is there and until the light is solid blue. Default: this
// repository, as it is committed. npm's own cache is used as it is, which the result says.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SCRIPT } from "../base/command.mjs";
import { ROOT } from "../base/sdk.mjs";

const from = process.argv[2] ?? ROOT;
const folder = mkdtempSync(join(tmpdir(), "aerolink-newcomer-"));
const clone = join(folder, "aerolink");
const steps = [];
const began = performance.now();

try {
  await step("git clone", "git", ["clone", "--quiet", from, clone], folder);
  await step("npm ci", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], clone);
  const started = performance.now();
  const until = (what) => steps.push({ step: what, seconds: (performance.now() - started) / 1000 });
  await step("npm start", "npm", ["start", "--", "--json", "--until", "solid-blue"], clone, async (line) => {
    if (!line.startsWith("{")) return;
    const event = JSON.parse(line);
    if (event.t === "begins") {
      const page = await fetch(event.page);
      if (!page.ok || !(await page.text()).includes("<html")) throw new Error(`the page: ${page.status}`);
      until("page");
    } else if (event.t === "state" && event.sight === "solid blue") until("solid blue");
  });
  const headless = ["start", "--", "--headless", "--until", "solid-blue"];
  await step("npm start again, --headless --until solid-blue", "npm", headless, clone);
  const blue = steps.findIndex((each) => each.step === "solid blue");
  if (blue < 0) throw new Error("solid blue was not seen");
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
const seconds = Object.fromEntries(steps.map(({ step: name, seconds: took }) => [name, took.toFixed(1)]));
const total = ["git clone", "npm ci", "solid blue"].reduce((sum, name) => sum + Number(seconds[name]), 0);
console.table(seconds);
console.log(
  `from git clone to solid blue: ${total.toFixed(1)} s; ${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)}, ` +
    `Node ${process.versions.node}, whole run ${((performance.now() - began) / 1000).toFixed(0)} s`,
);

/** Runs a program to its end; `onLine` gets what it prints. Throws where it fails. */
async function step(name, program, args, cwd, onLine = () => {}) {
  const start = performance.now();
  const child = spawn(program, args, {
    ...(program === "npm" && SCRIPT),
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
  for await (const line of createInterface(child.stdout)) await onLine(line);
  const status = await ended;
  if (status !== 0) throw new Error(`${name}: exit code ${status}`);
  steps.push({ step: name, seconds: (performance.now() - start) / 1000 });
}
