import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/glossary.md", root), "utf8");
const rows = [...page.matchAll(/^\| ([^|`]+) \| ([^|]+) \| `([^`]+)` \|$/gm)].map(
  ([, words, says, where]) => ({
    words: words!.split(", "),
    says: says!,
    where: where!,
  }),
);

/** Words with a meaning of their own here; whoever coins another adds it, and its row. */
const HOUSE_WORDS = [
  ...[
    "room",
    "group",
    "part",
    "parts list",
    "wires",
    "weather",
    "misuse",
    "reason",
    "twin",
    "stand-in",
    "reading",
  ],
  ...[
    "quantity",
    "journal",
    "epoch",
    "sector",
    "mark",
    "settled",
    "frontier",
    "island",
    "kept",
    "batch",
    "backlog",
  ],
  ...[
    "set aside",
    "dictionary",
    "link",
    "session",
    "owed",
    "late",
    "suspect",
    "strike",
    "word",
    "announcement",
  ],
  ...["outbox", "desired", "reported", "trial", "standing", "stepping stone", "round", "attempt", "disowned"],
  ...[
    "near miss",
    "floor",
    "ceiling",
    "judge",
    "shunned",
    "last resort",
    "world",
    "virtual time",
    "seed",
    "scene",
  ],
  ...[
    "show",
    "hop",
    "referee",
    "fault",
    "fault matrix",
    "soak",
    "herd",
    "rivals",
    "lane",
    "shrunk",
    "one module",
  ],
  ...["census", "budget", "mutant"],
];

test("Every house word is explained once, and every row is of a house word", () => {
  const explained = rows.flatMap(({ words }) => words);
  expect(explained.sort()).toEqual([...HOUSE_WORDS].sort());
  expect(new Set(explained).size).toBe(explained.length);
});

test("Each explanation is a sentence's worth, and names a place that exists", () => {
  expect(rows.filter(({ says }) => says.split(" ").length < 6)).toEqual([]);
  expect(rows.map(({ where }) => where).filter((where) => !existsSync(new URL(where, root)))).toEqual([]);
});

test("The place that a row names has the word, or is named by it", () => {
  const missing = rows.filter(({ words, where }) => {
    if (where.endsWith("/")) return false;
    const text = `${where} ${readFileSync(new URL(where, root), "utf8")}`
      .toLowerCase()
      .replaceAll(/[-_]/g, " ");
    return !words.every((word) =>
      text.includes(word.replaceAll("-", " ").slice(0, Math.max(4, word.length - 2))),
    );
  });
  expect(missing).toEqual([]);
});
