// What keeps a fresh clone working.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const lock = JSON.parse(read("package-lock.json")) as {
  packages: Record<
    string,
    { resolved?: string; integrity?: string; link?: true; optionalDependencies?: Record<string, string> }
  >;
};

test("The lock file records no download address", () => {
  const addresses = Object.entries(lock.packages).filter(([, { resolved }]) => resolved?.startsWith("http"));
  expect(addresses).toEqual([]);
});

test("The lock file holds the SHA-512 of every package, so that npm ci takes no other", () => {
  // The workspace comes with the project.
  const packages = Object.entries(lock.packages).filter(
    ([path, { link }]) => path.includes("node_modules/") && !link,
  );
  expect(packages.length).toBeGreaterThan(200);
  const unknown = packages.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""));
  expect(unknown.map(([path]) => path)).toEqual([]);
});

test("The lock file names the optional packages of every platform, so that npm ci takes it (tools/packages/complete-lock.mjs)", () => {
  const missing = Object.entries(lock.packages).flatMap(([owner, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter(
      (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${owner}/node_modules/${name}`],
    ),
  );
  expect(missing).toEqual([]);
});

test("The manifest's firmware version is the package's", () => {
  const manifest = JSON.parse(read("manifest.json")) as { config: { firmwareVersion: string } };
  expect(manifest.config.firmwareVersion).toBe(
    (JSON.parse(read("package.json")) as { version: string }).version,
  );
});

/** The table of CONTRIBUTING.md; modules/board/ may know all rooms. */
const MAY_KNOW = {
  modules: ["modules"],
  wifi: ["modules", "wifi"],
  led: ["modules", "led"],
  mqtt: ["modules", "mqtt"],
  provisioning: ["modules", "wifi", "provisioning"],
  wiring: ["modules", "wifi", "led", "mqtt", "provisioning", "wiring"],
};

test.each(Object.entries(MAY_KNOW))("The room %s knows %j and no other", (room, known) => {
  const files = readdirSync(new URL(`../${room}`, import.meta.url), { recursive: true, encoding: "utf8" });
  const strangers = files
    .filter((file) => file.endsWith(".ts") && !`${room}/${file}`.startsWith("modules/board/"))
    .flatMap((file) => {
      const here = new URL(`file:///${room}/${file}`);
      const imports = [...read(`${room}/${file}`).matchAll(/\bfrom "(\..+)"/g)];
      return imports
        .map(([, path]) => new URL(path!, here).pathname.split("/")[1]!)
        .filter((other) => !known.includes(other))
        .map((other) => `${file}: ${other}`);
    });
  expect(strangers).toEqual([]);
});

test("The firmware knows nothing of the simulator, the tools or the tests", () => {
  const rooms = ["main.ts", ...Object.keys(MAY_KNOW)];
  const files = readdirSync(new URL("..", import.meta.url), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && rooms.includes(file.split("/")[0]!),
  );
  expect(files.length).toBeGreaterThan(100);
  const strangers = files.flatMap((file) =>
    [...read(file).matchAll(/\bfrom "(\..+)"/g)]
      .map(([, path]) => new URL(path!, new URL(`file:///${file}`)).pathname.split("/")[1]!)
      .filter((room) => ["sim", "tools", "tests"].includes(room))
      .map((room) => `${file}: ${room}`),
  );
  expect(strangers).toEqual([]);
});

test("No folder of the firmware holds more than 25 modules, and every group of modules/ is named with a sentence", () => {
  const folders = new Map<string, number>();
  for (const room of Object.keys(MAY_KNOW)) {
    for (const file of readdirSync(new URL(`../${room}`, import.meta.url), {
      recursive: true,
      encoding: "utf8",
    })) {
      if (!/\.(ts|js|c)$/.test(file)) continue;
      const folder = `${room}/${file}`.replace(/\/[^/]*$/, "");
      folders.set(folder, (folders.get(folder) ?? 0) + 1);
    }
  }
  expect([...folders].filter(([, count]) => count > 25)).toEqual([]);
  const groups = [...folders.keys()]
    .filter((folder) => /^modules\/[^/]+$/.test(folder))
    .map((folder) => folder.replace("modules/", ""));
  const named = [...read("modules/README.md").matchAll(/^\| `(\S+)\/` \| [A-Z].+\. \|$/gm)].map(
    ([, name]) => name,
  );
  expect(named.sort()).toEqual(groups.sort());
});

/** Beside the bundle of npm's mqtt-packet, which git does not have. */
const sourcesOf = (room: string): string[] =>
  readdirSync(new URL(`../${room}`, import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|js|c|h)$/.test(file) && !file.endsWith("mqtt-packet.js"))
    .map((file) => `${room}/${file.replaceAll("\\", "/")}`);

test("main.ts is a parts list of at most 180 lines, and no other file of the firmware has more than 400", () => {
  const lines = (file: string): number => read(file).trimEnd().split("\n").length;
  expect(lines("main.ts")).toBeLessThanOrEqual(180);
  const files = [...Object.keys(MAY_KNOW), "selftest"].flatMap(sourcesOf);
  expect(files.length).toBeGreaterThan(200);
  const long = files.map((file) => [file, lines(file)] as const).filter(([, count]) => count > 400);
  expect(long).toEqual([]);
});

/** Loose files are few, and each is told of. */
const LOOSE = { sim: /^README\.md$/, tools: /^README\.md$/, tests: /^README\.md$|\.test\.ts$/ };

test.each(Object.entries(LOOSE))(
  "%s/ has a sentence in its README for each of its rooms, and no other loose files",
  (top, loose) => {
    const entries = readdirSync(new URL(`../${top}`, import.meta.url), { withFileTypes: true });
    const readme = read(`${top}/README.md`);
    const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    expect(
      files.filter((name) => !loose.test(name) || (name !== "README.md" && !readme.includes(name))),
    ).toEqual([]);
    const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const named = [...readme.matchAll(/^\| `([\w-]+)\/` \| [A-Z][^|]{15,}\. \|/gm)].map(([, name]) => name);
    expect(named).toEqual(rooms.sort());
  },
);

test("Each command of package.json that runs a tool stands in the row of its room", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const rows = new Map(
    [...read("tools/README.md").matchAll(/^\| `([\w-]+)\/` \|.*\| (.*)\|$/gm)].map(([, room, commands]) => [
      room!,
      commands!,
    ]),
  );
  const missing = Object.entries(scripts).filter(([name, command]) => {
    const room = /^node tools\/([\w-]+)\//.exec(command)?.[1];
    const row = room === undefined ? undefined : rows.get(room);
    return (
      room !== undefined && !row?.includes(`\`${name}\``) && !row?.includes(`\`${name.split(":")[0]}:…\``)
    );
  });
  expect(missing).toEqual([]);
});

test("Every file that package.json, .ci/run or a command of the documents starts is there", () => {
  const texts = ["package.json", ".ci/run", "CONTRIBUTING.md", "README.md", "manifest.json"]
    .map(read)
    .join("\n");
  const files = [...texts.matchAll(/(?<![\w/])tools\/[\w./-]+\.(?:mjs|ts|sh)/g)].map(([file]) => file);
  expect(files.length).toBeGreaterThan(25);
  expect(files.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([]);
});

test("The cloud side knows the documents, and nothing of the firmware, the simulator, the tools or the tests", () => {
  const files = readdirSync(new URL("../cloud", import.meta.url), {
    recursive: true,
    encoding: "utf8",
  }).filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.includes("node_modules/"));
  expect(files.length).toBeGreaterThan(10);
  const strangers = files.flatMap((file) =>
    [...read(`cloud/${file}`).matchAll(/\b(?:from|import) ?\(?"(\..+)"/g)]
      .map(([, path]) => new URL(path!, new URL(`file:///cloud/${file}`)).pathname.split("/")[1]!)
      .filter((room) => room !== "cloud")
      .map((room) => `${file}: ${room}`),
  );
  expect(strangers).toEqual([]);
});

test("The README's two commands are there", () => {
  expect(read("README.md")).toContain("npm ci && npm start");
  expect(read("README.md")).toContain("npm ci && npm test");
});

test("What the Moddable simulator loads as a board's platform imports from where such a module lies", () => {
  // Their names are modules/board/platform and the like, whatever folder they are in.
  for (const file of ["sim/moddable/desktop-board.ts", "sim/moddable/world-board.ts"]) {
    const imports = [...read(file).matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => path!);
    expect(imports.filter((path) => !path.startsWith("../../"))).toEqual([]);
  }
});
