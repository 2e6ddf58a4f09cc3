// What keeps a fresh clone working.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const lock = JSON.parse(read("package-lock.json")) as {
  packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
};

test("The lock file records no download address", () => {
  const addresses = Object.entries(lock.packages).filter(([, { resolved }]) => resolved?.startsWith("http"));
  expect(addresses).toEqual([]);
});

test("The lock file names the optional packages of every platform, so that npm ci takes it (tools/complete-lock.mjs)", () => {
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

/** The table of CONTRIBUTING.md; modules/board/ may know all. */
const MAY_KNOW = {
  modules: ["modules"],
  wifi: ["modules", "wifi"],
  led: ["modules", "led"],
  mqtt: ["modules", "mqtt"],
  provisioning: ["modules", "wifi", "provisioning"],
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

test("The README's two commands are there", () => {
  expect(read("README.md")).toContain("npm ci && npm start");
  expect(read("README.md")).toContain("npm ci && npm test");
});
