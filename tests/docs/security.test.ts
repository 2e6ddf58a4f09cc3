import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const page = read("docs/security.md");

/** Provisions of ETSI EN 303 645 V2.1.1 by clause: how many each has. */
const CLAUSES = [
  ["5.1", 5],
  ["5.2", 3],
  ["5.3", 16],
  ["5.4", 4],
  ["5.5", 8],
  ["5.6", 9],
  ["5.7", 2],
  ["5.8", 3],
  ["5.9", 3],
  ["5.10", 1],
  ["5.11", 4],
  ["5.12", 3],
  ["5.13", 1],
  ["6", 5],
] as const;
const STATES = ["met", "partly", "not", "maker", "–"];

const rows = [...page.matchAll(/^\| (\d[\d.]*-\d+|II? \(\d\)(?:\([a-m]\))?) \| (.*?) \| ?(.*?) ?\|$/gm)].map(
  ([, name, state, evidence]) => ({ name: name!, state: state!, evidence: evidence! }),
);

describe("docs/security.md", () => {
  it("answers every provision of EN 303 645 once", () => {
    const all = CLAUSES.flatMap(([clause, count]) =>
      Array.from({ length: count }, (_, i) => `${clause}-${i + 1}`),
    );
    expect(rows.map(({ name }) => name).filter((name) => /^\d/.test(name))).toEqual(["4-1", ...all]);
  });

  it("answers every point of the CRA's Annex I once", () => {
    const letters = [..."abcdefghijklm"].map((letter) => `I (2)(${letter})`);
    const second = Array.from({ length: 8 }, (_, i) => `II (${i + 1})`);
    expect(rows.map(({ name }) => name).filter((name) => name.startsWith("I"))).toEqual([
      "I (1)",
      ...letters,
      ...second,
    ]);
  });

  it("knows five states, and gives evidence for what is met and a reason for what is met in part", () => {
    for (const { name, state, evidence } of rows) {
      expect(STATES, name).toContain(state);
      if (state === "met" || state === "partly") expect(evidence, name).not.toBe("");
    }
  });

  it("names files and commands that are there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...page.matchAll(/`([\w./-]+)`/g)].map(([, text]) => text!);
    const files = named.filter((text) => /^(tests|tools|sdkconfig|docs)\//.test(text));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) expect(existsSync(new URL(file, root)), file).toBe(true);
    for (const [, script] of page.matchAll(/`npm run ([\w:]+)/g))
      expect(scripts, script).toHaveProperty(script!);
  });

  it.each(["docs/security.md", "SECURITY.md", "THIRD-PARTY.md"])(
    "and %s lead to pages and headings that are there",
    (path) => {
      const anchor = (heading: string) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, "")
          .trim()
          .replaceAll(" ", "-");
      for (const [, target] of read(path).matchAll(/\]\(([^)]+)\)/g)) {
        const [file, heading] = target!.split("#") as [string, string?];
        const url = file === "" ? new URL(path, root) : new URL(file, new URL(path, root));
        expect(existsSync(url), target).toBe(true);
        if (heading === undefined) continue;
        const headings = [...readFileSync(url, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
          anchor(text!),
        );
        expect(headings, target).toContain(heading);
      }
    },
  );
});
