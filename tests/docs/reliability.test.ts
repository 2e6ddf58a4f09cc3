import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAULTS } from "../../sim/virtual/faults";

const page = readFileSync(new URL("../../docs/reliability.md", import.meta.url), "utf8");

/** Cells of the table in a part that `npm run bench:reliability` writes, without its head. */
function rows(part: string): string[][] {
  const text =
    page.split(`<!-- ${part}: written by npm run bench:reliability -->`)[1]?.split("<!-- end of")[0] ?? "";
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("The matrix has a row for each fault, in its words, and its lights are among those that are right", () => {
  const table = rows("matrix");
  expect(table.map(([name, what]) => [name, what])).toEqual(
    FAULTS.map(({ name, what }) => [`\`${name}\``, what]),
  );
  for (const [i, row] of table.entries())
    for (const sight of row[2]!.split(", ")) expect(FAULTS[i]!.during).toContain(sight);
});

test("No run that is written down lost a reading or showed a wrong light", () => {
  for (const row of rows("matrix")) expect(row.slice(-2), row[0]).toEqual(["0", "0"]);
  const months = rows("soak");
  expect(months).toHaveLength(20);
  for (const [seed, , , arrived, , ...wrong] of months) {
    expect(Number(arrived), `seed ${seed}`).toBeGreaterThan(43_200);
    expect(wrong.slice(0, 3), `seed ${seed}`).toEqual(["0", "0", "0"]);
  }
  expect(page).not.toContain("not so");
});

test("The herd is drawn", () => {
  expect(page).toContain("](herd.svg)");
  expect(readFileSync(new URL("../../docs/herd.svg", import.meta.url), "utf8")).toContain("broker back");
  expect(rows("herd")).toHaveLength(3);
});
