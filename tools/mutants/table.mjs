// The table of docs/mutation.md: a row a file, replaced when the file was tried in full with `--write`.
import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/sdk.mjs";

const PAGE = join(ROOT, "docs", "mutation.md");
const BEGIN = "<!-- mutants: written by npm run mutants -- --write -->\n";
const END = "<!-- end -->";
const ROW = /^\| `([^`]+)` \| (\d+) \| (\d+) \| (\d+) \| .* \| (\S+) \| (\S+) \|$/gm;
const HEAD =
  "| file | mutants | killed | equivalent | score | tried | commit |\n|---|--:|--:|--:|--:|---|---|\n";

/** @typedef {{ file: string, tried: number, killed: number, equivalent: number, on?: string, commit?: string }} Score */

/** @param {string} page @returns {Score[]} the rows of the page */
export function rowsOf(page) {
  return [...page.matchAll(ROW)].map(([, file, tried, killed, equivalent, on, commit]) => ({
    file,
    tried: Number(tried),
    killed: Number(killed),
    equivalent: Number(equivalent),
    on,
    commit,
  }));
}

/** @param {string} page @param {Score[]} scores @returns {string} the page with new rows */
export function withRows(page, scores) {
  const rows = new Map([...rowsOf(page), ...scores].map((row) => [row.file, row]));
  const sorted = [...rows.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
  const lines = sorted.map((row) => `| \`${row.file}\` | ${figures(row)} | ${row.on} | ${row.commit} |\n`);
  const sum = (field) => sorted.reduce((all, row) => all + row[field], 0);
  const all = { tried: sum("tried"), killed: sum("killed"), equivalent: sum("equivalent") };
  const [before, rest] = page.split(BEGIN);
  return `${before}${BEGIN}\n${HEAD}${lines.join("")}| all | ${figures(all)} | | |\n\n${END}${rest.split(END)[1]}`;
}

const figures = ({ tried, killed, equivalent }) =>
  `${tried} | ${killed} | ${equivalent} | ${scoreOf({ tried, killed }).toFixed(1)} %`;

/** Percent; of nothing, all. */
export const scoreOf = ({ tried, killed }) => (tried === 0 ? 100 : (killed / tried) * 100);

/** @param {Score[]} scores */
export function writeScores(scores) {
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: ROOT,
    encoding: "utf8",
  }).stdout.trim();
  const on = new Date().toISOString().slice(0, 10);
  const rows = scores.map((score) => ({ ...score, on, commit }));
  // Whole whenever it is read: two lanes may end at once.
  const draft = `${PAGE}.${process.pid}`;
  writeFileSync(draft, withRows(readFileSync(PAGE, "utf8"), rows));
  renameSync(draft, PAGE);
}
