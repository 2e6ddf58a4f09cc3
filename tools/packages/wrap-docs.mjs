// node tools/packages/wrap-docs.mjs [page…]: breaks lines of more than 160 characters in the pages for people, between words.
// Tables, code and pictures stay as they are. Default: README.md, CONTRIBUTING.md and docs/.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/sdk.mjs";

const LONGEST = 160;
/** Where a line that is broken ends at the latest, as the other lines of these pages do. */
const WIDTH = 130;

const pages = process.argv.slice(2);
if (pages.length === 0) {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  pages.push("README.md", "CONTRIBUTING.md", ...docs.map((name) => `docs/${name}`));
}
for (const page of pages) {
  const path = join(ROOT, page);
  const text = readFileSync(path, "utf8");
  const wrapped = wrap(text);
  if (wrapped !== text) writeFileSync(path, wrapped);
}

/** @param {string} text */
function wrap(text) {
  let fenced = false;
  return text
    .split("\n")
    .flatMap((line) => {
      if (line.trimStart().startsWith("```")) fenced = !fenced;
      if (fenced || line.length <= LONGEST || /^\s*(\||!\[|#)/.test(line)) return line;
      return broken(line);
    })
    .join("\n");
}

/** The parts of an entry of a list begin below its text. */
function broken(line) {
  const [begin] = /^\s*(?:(?:[-*]|\d+\.) )?/.exec(line);
  const indent = " ".repeat(begin.length);
  const lines = [];
  let current = begin;
  for (const word of pieces(line.slice(begin.length))) {
    if (current.length + word.length > WIDTH && current.trim() !== "" && current !== begin) {
      lines.push(current.trimEnd());
      current = indent;
    }
    current += `${word} `;
  }
  return [...lines, current.trimEnd()];
}

/** Words; code and links stay whole, and nothing comes to the begin of a line that would mean a list or a heading there. */
function pieces(text) {
  const whole = text.match(/(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+/g) ?? [];
  return whole.reduce((all, word) => {
    if (/^(?:[-+*#>|–]|\d+[.)])/.test(word) && all.length > 0) all[all.length - 1] += ` ${word}`;
    else all.push(word);
    return all;
  }, []);
}
