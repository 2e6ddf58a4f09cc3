// Adding something touches few places: the table of CONTRIBUTING.md says which, and here they are counted.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ROOT = new URL("..", import.meta.url);
const ROOMS = ["modules", "wifi", "led", "mqtt", "provisioning", "wiring", "sim", "cloud", "tools", "docs"];
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");

/** Of a sensor: its driver and its twin say what it measures. */
const OF_A_SENSOR =
  /^modules\/sensor\/([^/]+\/|README\.md)|^sim\/(sensors|air)\/|^docs\/(sensors|drivers)\.md$/;

const files = ROOMS.flatMap((room) =>
  readdirSync(new URL(room, ROOT), { recursive: true, encoding: "utf8" }).map((file) => `${room}/${file}`),
)
  .concat("main.ts", "manifest.json")
  .filter((file) => /\.(ts|tsx|js|mjs|json|md)$/.test(file) && !OF_A_SENSOR.test(file));
const texts = new Map(files.map((file) => [file, read(file)]));

const rows = [
  ...read("CONTRIBUTING.md").matchAll(
    /^\| (quantity|setting|command|driver|board) \| `([\w-]+)` \| (.+) \|$/gm,
  ),
].map(([, what, example, places]) => [
  what!,
  example!,
  [...places!.matchAll(/`([\w./-]+\.(?:ts|json|md))`/g)].map(([, file]) => file!),
]) as [string, string, string[]][];

/** Files that name it as a whole word. */
const naming = (example: string): string[] =>
  [...texts]
    .filter(([, text]) => new RegExp(`(?<![\\w-])${example}(?![\\w-])`).test(text))
    .map(([file]) => file);

test("The table has a row for each kind, and names files that are there", () => {
  expect(rows.map(([what]) => what)).toEqual(["quantity", "setting", "command", "driver", "board"]);
  for (const [, , places] of rows) for (const file of places) expect(texts.has(file), file).toBe(true);
});

test.each(rows)(
  "One more %s, as %s is, is named nowhere but in the files of the table",
  (what, example, places) => {
    // Where a setting is read, and what a command does under a name of its own, are theirs to say.
    const own: Record<string, (file: string) => boolean> = {
      setting: (file) => /^(modules\/sensor|wiring)\//.test(file),
      driver: (file) => file.startsWith("modules/board/") || file.startsWith("docs/"),
      // How the simulator is started is told by example.
      board: (file) => file === "docs/simulator.md",
    };
    const found = naming(example).filter((file) => !own[what]?.(file));
    // A board's own file has its name outside, not inside.
    const itself = `modules/board/${example}.ts`;
    const listed = places.filter((file) => !file.startsWith("wiring/") && file !== itself);
    expect(found.sort()).toEqual(listed.sort());
  },
);

test("A driver is named in no table: its folder is all, and a board that includes it", () => {
  const drivers = readdirSync(new URL("modules/sensor", ROOT), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `modules/sensor/${name}/`);
  expect(drivers.length).toBeGreaterThan(5);
  const imports = [...texts].flatMap(([file, text]) =>
    /^(modules|wiring|main)/.test(file) && !file.startsWith("modules/board/")
      ? [...text.matchAll(/from "([./\w-]+)"/g)]
          .map(([, path]) => new URL(path!, `file:///${file}`).pathname.slice(1))
          .filter((path) => drivers.some((driver) => path.startsWith(driver)))
          .map((path) => `${file}: ${path}`)
      : [],
  );
  expect(imports).toEqual([]);
});
