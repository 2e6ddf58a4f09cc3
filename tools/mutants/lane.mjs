// The lane: mutants of the files that are wanted, tried by a worker, and a score. docs/mutation.md says how to read it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/sdk.mjs";
import { markEquivalent } from "./equivalent.mjs";
import { instrument } from "./instrument.mjs";
import { sample } from "./sample.mjs";
import { scoreOf, writeScores } from "./table.mjs";
import { suitesOf, TARGETS } from "./targets.mjs";
import { runMutants } from "./workers.mjs";

/** Of the mutants that are not equivalent, percent; of each file, and of a share of all together, which swings. */
const WANTED_SCORE = 90;
const WANTED_OF_A_SHARE = 85;

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
  if (share === 1)
    for (const { file, score } of scores) if (score < WANTED_SCORE) wrong.push(tooLow(file, score));
  const all = scoreOf(sumOf(scores));
  if (share < 1 && all < WANTED_OF_A_SHARE) wrong.push(tooLow("the share", all));
  tell(trials, scores, wrong, parts);
  report(scores, wrong);
  if (args.includes("--write") && share === 1) writeScores(scores);
  return wrong.length === 0 ? 0 : 1;
}

const tooLow = (what, score) => `${what}: no more than ${score.toFixed(1)} % of the mutants were killed`;

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

function tell(trials, scores, wrong, parts) {
  for (const { file, line, member, operator, from, to, result } of trials)
    if (result === "survived" || result === "not reached")
      console.log(
        `${file}:${line} in ${member}, ${operator}${result === "not reached" ? ", no test comes here" : ""}\n    ${from}\n    ${to}`,
      );
  for (const text of wrong) console.log(`WRONG ${text}`);
  console.log("\n| file | mutants | killed | equivalent | score |\n|---|--:|--:|--:|--:|");
  for (const { file, tried, killed, equivalent, score } of scores)
    console.log(`| \`${file}\` | ${tried} | ${killed} | ${equivalent} | ${score.toFixed(1)} % |`);
  const sum = sumOf(scores);
  console.log(`| all | ${sum.tried} | ${sum.killed} | ${sum.equivalent} | ${scoreOf(sum).toFixed(1)} % |`);
  mkdirSync(join(ROOT, "build", "mutants"), { recursive: true });
  writeFileSync(
    join(ROOT, "build", "mutants", `${parts.join("+").replaceAll("/", "_") || "all"}.json`),
    JSON.stringify(trials, null, 1),
  );
}

function sumOf(scores) {
  const sum = (field) => scores.reduce((all, score) => all + score[field], 0);
  return { tried: sum("tried"), killed: sum("killed"), equivalent: sum("equivalent") };
}

/** For tools/count-tests.mjs: a mutant that was killed counts as a test that passed, what is wrong as one that failed. */
function report(scores, wrong) {
  if (!process.env.AEROLINK_REPORT) return;
  const counts = { passed: sumOf(scores).killed, failed: wrong.length };
  writeFileSync(process.env.AEROLINK_REPORT, JSON.stringify(counts));
}
