// The lane: mutants of the files that are wanted, tried by a worker, and a score. docs/mutation.md says how to read it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../sdk.mjs";
import { markEquivalent } from "./equivalent.mjs";
import { instrument } from "./instrument.mjs";
import { sample } from "./sample.mjs";
import { scoreOf, writeScores } from "./table.mjs";
import { suitesOf, TARGETS } from "./targets.mjs";
import { runMutants } from "./workers.mjs";

/** Of the mutants that are not equivalent, percent. */
const WANTED_SCORE = 90;

/** @typedef {import("./instrument.mjs").Mutant & { equivalent?: string, result?: string, by?: string }} Trial */

/**
 * @param {string[]} args parts of file names (none: all files); `--share=0.1` of the mutants, `--seed=1` chooses which;
 *   `--write`: the scores go into docs/mutation.md
 * @returns {Promise<number>} the exit code
 */
export async function mutationLane(args) {
  const parts = args.filter((arg) => !arg.startsWith("--"));
  const share = Number(option(args, "share") ?? 1);
  const seed = Number(option(args, "seed") ?? process.env.AEROLINK_SEED ?? 1);
  const wrong = [];
  const trials = [];
  for (const target of TARGETS) {
    const files = target.files.filter(
      (file) => parts.length === 0 || parts.some((part) => file.includes(part)),
    );
    if (files.length === 0) continue;
    const { texts, mutants } = instrumented(files);
    wrong.push(...markEquivalent(files, mutants));
    const chosen = sample(
      mutants.filter(({ equivalent }) => !equivalent),
      share,
      seed,
    );
    const { results, broken } = await runMutants({ texts, suites: suitesOf(target), mutants: chosen });
    wrong.push(...broken);
    trials.push(...mutants.filter(({ equivalent }) => equivalent), ...results);
  }
  const scores = scoresOf(trials);
  tell(trials, scores, wrong);
  report(scores, wrong);
  if (args.includes("--write") && share === 1) writeScores(scores);
  return wrong.length === 0 && scores.every(({ score }) => score >= WANTED_SCORE) ? 0 : 1;
}

function option(args, name) {
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function instrumented(files) {
  const texts = {};
  const mutants = [];
  for (const file of files) {
    const made = instrument(file, readFileSync(join(ROOT, file), "utf8"), mutants.length + 1);
    texts[file] = made.code;
    mutants.push(...made.mutants);
  }
  return { texts, mutants };
}

function scoresOf(trials) {
  return [...new Set(trials.map(({ file }) => file))].map((file) => {
    const of = trials.filter((trial) => trial.file === file);
    const tried = of.filter(({ equivalent }) => !equivalent);
    const killed = tried.filter(({ result }) => result === "killed").length;
    const counts = { tried: tried.length, killed };
    return { file, ...counts, equivalent: of.length - tried.length, score: scoreOf(counts) };
  });
}

function tell(trials, scores, wrong) {
  for (const { file, line, member, operator, from, to, result } of trials)
    if (result === "survived" || result === "not reached")
      console.log(
        `${file}:${line} in ${member}, ${operator}${result === "not reached" ? ", no test comes here" : ""}\n    ${from}\n    ${to}`,
      );
  for (const text of wrong) console.log(`WRONG ${text}`);
  console.log("\n| file | mutants | killed | equivalent | score |\n|---|--:|--:|--:|--:|");
  for (const { file, tried, killed, equivalent, score } of scores)
    console.log(`| \`${file}\` | ${tried} | ${killed} | ${equivalent} | ${score.toFixed(1)} % |`);
  const sum = (field) => scores.reduce((all, score) => all + score[field], 0);
  const all = (sum("killed") / sum("tried")) * 100;
  console.log(`| all | ${sum("tried")} | ${sum("killed")} | ${sum("equivalent")} | ${all.toFixed(1)} % |`);
  mkdirSync(join(ROOT, "build", "mutants"), { recursive: true });
  writeFileSync(
    join(ROOT, "build", "mutants", `${process.argv.slice(2).join("+").replaceAll("/", "_") || "all"}.json`),
    JSON.stringify(trials, null, 1),
  );
}

/** One line for tools/count-tests.mjs: a file that holds its score counts as a test that passed. */
function report(scores, wrong) {
  if (!process.env.AEROLINK_REPORT) return;
  const failed = scores.filter(({ score }) => score < WANTED_SCORE).length + wrong.length;
  const passed = scores.filter(({ score }) => score >= WANTED_SCORE).length;
  writeFileSync(process.env.AEROLINK_REPORT, JSON.stringify({ passed, failed }));
}
