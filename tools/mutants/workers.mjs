// A worker tries one mutant after the other. One that hangs is ended, and another goes on behind the mutant.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/sdk.mjs";

/** Without a word for this long a worker hangs: no mutant takes a tenth of it. Before its first it tries long tests as they are. */
const SILENCE_MS = 60_000;
const START_MS = 300_000;
const WORK = join(ROOT, "build", "mutants");

/**
 * @param {{ texts: Record<string, string>, suites: string[], mutants: object[] }} job `texts` of the files with their mutants
 * @returns {Promise<{ results: object[], broken: string[] }>} the mutants with their result; tests that fail without one
 */
export async function runMutants({ texts, suites, mutants }) {
  const results = new Map();
  const broken = new Set();
  for (let left = mutants; left.length > 0; left = mutants.filter(({ id }) => !results.has(id))) {
    const lines = await work({ files: texts, suites, mutants: left.map(({ id }) => id) });
    if (!lines.some(({ id }) => id))
      throw new Error("the worker tried nothing: AEROLINK_MUTANTS_LOUD=1 shows what it prints");
    for (const line of lines) {
      if (line.broken) broken.add(`${line.suite}: "${line.broken}" fails without a mutant: ${line.why}`);
      if (line.id) results.set(line.id, line);
    }
    for (const [id, { result }] of results)
      if (result === "begun") results.set(id, { id, result: "killed", by: "the clock" });
  }
  return {
    results: mutants.map((mutant) => ({ ...mutant, ...results.get(mutant.id) })),
    broken: [...broken],
  };
}

/** One worker's life. It writes a line for each mutant that it begins and ends. */
async function work(job) {
  mkdirSync(WORK, { recursive: true });
  const name = join(WORK, String(process.pid));
  const results = `${name}.results`;
  rmSync(results, { force: true });
  writeFileSync(`${name}.json`, JSON.stringify({ ...job, results }));
  const vitest = [
    join(ROOT, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config",
    "tools/mutants/vitest.config.mjs",
  ];
  const child = spawn(process.execPath, vitest, {
    cwd: ROOT,
    stdio: process.env.AEROLINK_MUTANTS_LOUD ? "inherit" : "ignore",
    env: {
      ...process.env,
      AEROLINK_MUTANTS: `${name}.json`,
      AEROLINK_SEED: process.env.AEROLINK_SEED ?? "1",
      AEROLINK_CASES: "200",
      AEROLINK_REPORT: "",
    },
  });
  const end = () => child.kill("SIGKILL");
  const stop = () => process.exit(1);
  process.once("exit", end).once("SIGINT", stop).once("SIGTERM", stop);
  let size = -1;
  let since = Date.now();
  const watch = setInterval(() => {
    const now = existsSync(results) ? statSync(results).size : 0;
    if (now !== size) since = Date.now();
    size = now;
    const hasBegun = now > 0 && readFileSync(results, "utf8").includes('"begun"');
    if (Date.now() - since > (hasBegun ? SILENCE_MS : START_MS)) end();
  }, 500);
  await new Promise((resolve) => child.on("exit", resolve));
  clearInterval(watch);
  process.off("exit", end).off("SIGINT", stop).off("SIGTERM", stop);
  const lines = existsSync(results) ? readFileSync(results, "utf8").trim().split("\n") : [];
  rmSync(`${name}.json`, { force: true });
  rmSync(results, { force: true });
  return lines.map((line) => JSON.parse(line));
}
