import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const docs = new URL("../../docs/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, docs), "utf8");

const records = read("decisions.md")
  .split("\n### ")
  .slice(1)
  .map((text) => ({ title: text.split("\n")[0]!, body: text.split("\n## ")[0]!.replaceAll("\n", " ") }));

/** As GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

const linksOf = (body: string) =>
  [...body.matchAll(/\]\(([\w-]+\.md)(?:#([\w-]+))?\)/g)].map(([, page, anchor]) => ({
    page: page!,
    anchor,
  }));

/** What is bold and begins a part of the record. */
const PARTS = ["Why", "Turned down", "Would change it", "The price", "The dictionary"];
const figuresOf = (body: string): string[] =>
  [...body.matchAll(/\*\*([^*]+)\*\*/g)].map(([, text]) => text!).filter((text) => !PARTS.includes(text));

describe.each(records)("The decision “$title”", ({ body }) => {
  it("has its date, its reason, what was turned down and what would change it", () => {
    expect(body).toMatch(/ 20\d\d-\d\d-\d\d[.,]/);
    for (const part of PARTS.slice(0, 3)) expect(body).toContain(`**${part}**`);
  });

  it("links to pages and chapters that are there", () => {
    const lost = linksOf(body).filter(
      ({ page, anchor }) =>
        !existsSync(new URL(page, docs)) || (anchor !== undefined && !anchorsOf(page).includes(anchor)),
    );
    expect(lost).toEqual([]);
  });

  it("has no figure in bold that the pages it links do not have", () => {
    const text = linksOf(body)
      .map(({ page }) => read(page))
      .join("\n")
      .replaceAll(/\s+/g, " ");
    expect(figuresOf(body).filter((figure) => !text.includes(figure))).toEqual([]);
  });
});

it("There are records of the device, of the other side and of the tests", () => {
  expect(records.length).toBeGreaterThan(15);
});
