import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const page = read("docs/architecture.md");
const drawing = read("docs/architecture.svg");

/** What stands between backticks and looks like a path of ours. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`([\w-]+(?:\/[\w.-]*)+|main\.ts)`/g)]
    .map(([, path]) => path!)
    .filter((path) => path !== "command/result");

test("Every file and folder that docs/architecture.md names is in the tree", () => {
  const paths = pathsIn(page);
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

test.each([
  [
    "A value",
    ["modules/sensor/", "modules/journal/", "modules/telemetry/", "mqtt/", "cloud/ingest/", "cloud/store/"],
  ],
  ["A password", ["provisioning/", "wifi/", "modules/configuration/"]],
  ["A command", ["cloud/api/", "mqtt/", "wiring/", "modules/remote/", "modules/commands/"]],
] as const)("%s passes through the rooms in the order in which the page tells it", (name, rooms) => {
  const chapter = page.slice(page.indexOf(`## ${name}`)).split("\n## ")[0]!;
  const first = rooms.map((room) => pathsIn(chapter).findIndex((path) => path.startsWith(room)));
  expect(first.every((at) => at >= 0)).toBe(true);
  expect(first).toEqual([...first].sort((a, b) => a - b));
});

test("The drawing has every room of the firmware, every group of modules/, and both schemes of colour", () => {
  const rooms = [
    "wiring",
    "provisioning",
    "wifi",
    "led",
    "mqtt",
    "modules",
    "cloud",
    "sim",
    "tools",
    "tests",
  ];
  const groups = readdirSync(new URL("modules", root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  for (const name of [...rooms, ...groups]) expect(drawing).toContain(`${name}/`);
  expect(drawing).toContain("prefers-color-scheme: dark");
  expect(page).toContain("(architecture.svg)");
});

test("Every link of docs/architecture.md leads somewhere", () => {
  const links = [...page.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link!);
  expect(links.filter((link) => !existsSync(new URL(link, new URL("docs/", root))))).toEqual([]);
});
