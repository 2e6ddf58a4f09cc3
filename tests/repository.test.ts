// What keeps a fresh clone working.
import { readFileSync } from "node:fs";
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

test("The README's two commands are there", () => {
  expect(read("README.md")).toContain("npm ci && npm start");
  expect(read("README.md")).toContain("npm ci && npm test");
});
