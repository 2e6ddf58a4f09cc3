import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/boards.md");
/** Board files that are made of pins. */
const boards = readdirSync(new URL("../../modules/board/", import.meta.url)).filter(
  (file) => file.endsWith(".ts") && read(`modules/board/${file}`).includes("export const BOARD:"),
);
const manifest = JSON.parse(read("modules/board/manifest.json")) as {
  platforms: Record<string, { modules?: Record<string, string> }>;
};

it("docs/boards.md has every board of the manifest, under its platform", () => {
  const named = Object.entries(manifest.platforms).flatMap(([platform, { modules }]) => {
    const file = modules?.["modules/board/chosen"];
    return platform.startsWith("esp32") && file ? [[platform, `${file.slice(2)}.ts`]] : [];
  });
  expect(named.map(([, file]) => file).sort()).toEqual([...boards].sort());
  for (const [platform, file] of named) expect(page).toContain(`| \`${file}\` | \`${platform}\` |`);
});

it.each(boards)("docs/boards.md has the pins of %s", (file) => {
  const source = read(`modules/board/${file}`);
  const row = page.split("\n").find((line) => line.includes(`\`${file}\``))!;
  const [, data, clock] = /i2c: \{ data: (\d+), clock: (\d+) \}/.exec(source)!;
  const [, button] = /button: \{ pin: (\d+)/.exec(source)!;
  expect(row).toContain(`SDA ${data}, SCL ${clock}`);
  expect(row).toContain(`GPIO ${button} |`);
});
