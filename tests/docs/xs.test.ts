import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const text = read("docs/xs.md");

test("docs/xs.md gives the heap's sizes as the manifest has them", () => {
  const { creation, platforms } = JSON.parse(read("manifest.json"));
  const { chunk, heap, stack } = creation;
  expect(text).toContain(
    `chunk\` ${chunk.initial} + ${chunk.incremental}, \`heap\` ${heap.initial} + ${heap.incremental}`,
  );
  expect(text).toContain(`\`creation.stack\` ${stack} slots`);
  expect(text).toContain(`\`creation.nativeStack\` ${platforms.esp32.creation.nativeStack}`);
});

test("Every command that docs/xs.md names is there, and every picture", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const commands = [...text.matchAll(/`npm run ([\w:]+)/g)].map(([, name]) => name!);
  expect(commands.length).toBeGreaterThan(5);
  expect(commands.filter((name) => !scripts[name])).toEqual([]);
  const pictures = [...text.matchAll(/\((screenshots\/[^)]+)\)/g)].map(([, path]) => path!);
  expect(new Set(pictures).size).toBe(5);
  for (const path of pictures) expect(existsSync(new URL(`../../docs/${path}`, import.meta.url))).toBe(true);
});
