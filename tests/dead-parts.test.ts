// Flash is full: what nothing in the firmware uses does not belong there.
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { SETTING_KEYS, SETTINGS } from "../modules/configuration/settings-table";

const ROOMS = ["modules", "wifi", "led", "mqtt", "provisioning", "wiring"];
const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const sources = new Map(
  ["main.ts"]
    .concat(
      ROOMS.flatMap((room) =>
        readdirSync(new URL(`../${room}`, import.meta.url), { recursive: true, encoding: "utf8" }).map(
          (file) => `${room}/${file}`,
        ),
      ),
    )
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => [file, read(file)]),
);

/** Settings that the cloud writes are written by the desired configuration, which knows them by the table. */
const writers = [...sources].filter(([file]) => file !== "modules/configuration/settings-table.ts");

test("Every setting has a reader in the firmware", () => {
  // Those of the broker are read together, as its profile.
  const reads = (key: string): string[] => [
    ...[`get("${key}")`, `profile.${key}`, `filled("${key}")`, `: "${key}",`],
  ];
  const unread = SETTING_KEYS.filter(
    (key) => !writers.some(([, text]) => reads(key).some((read) => text.includes(read))),
  );
  expect(unread).toEqual([]);
});

test("Every setting that only the device changes has a writer in the firmware", () => {
  const own = SETTING_KEYS.filter((key) => SETTINGS[key].access === "device");
  const unwritten = own.filter((key) => !writers.some(([, text]) => text.includes(`set("${key}"`)));
  expect(unwritten).toEqual([]);
});

/** The class of a sensor's driver: a board includes it, ours or one of a builder's own. */
const isDriver = (each: string): boolean => {
  const [file, name] = each.split(" ") as [string, string];
  const isThere = new RegExp(`^export class ${name} extends (Sensirion|Particle|Serial)Sensor`, "m");
  return /^modules\/sensor\/[^/]+\//.test(file) && isThere.test(sources.get(file)!);
};

test("Every function, class and table that a module exports is used by the firmware", () => {
  const used = new Set<string>();
  for (const [file, text] of sources)
    for (const [, names, specifier] of text.matchAll(
      /(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"(\.[^"]+)"/g,
    ))
      for (const name of names!.split(",")) {
        const target = posix.normalize(posix.join(posix.dirname(file), specifier!));
        used.add(
          `${target}.ts ${
            name
              .trim()
              .replace(/^type /, "")
              .split(" as ")[0]
          }`,
        );
      }
  const dead = [...sources].flatMap(([file, text]) =>
    [...text.matchAll(/^export (?:abstract )?(?:const|function|class) (\w+)/gm)]
      .map(([, name]) => name!)
      .filter((name) => !used.has(`${file} ${name}`))
      // For tools and tests; what nobody takes the shrinker leaves out.
      .filter((name) => name !== "silentLogger")
      .filter((name) => text.split(new RegExp(`\\b${name}\\b`)).length <= 2)
      .map((name) => `${file} ${name}`),
  );
  // mcconfig's manifests choose one of them.
  const chosen = dead.filter((each) => !/ (openBoard|BOARD)$/.test(each) && !isDriver(each));
  expect(chosen).toEqual([]);
});
