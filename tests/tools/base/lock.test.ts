import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tryFolder } from "../../../tools/base/lock.mjs";
import { limit } from "../../support/limit";

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aerolink-lock-"));
  lock = join(folder, ".lock");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("A folder is one process's at a time", () => {
  expect(tryFolder(folder)).toBe(true);
  expect(tryFolder(folder)).toBe(false);
});

test("A process that ended without a word does not keep a folder", () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(lock, String(pid));
  expect(tryFolder(folder)).toBe(true);
});

test.each(["", "rubbish"])("A lock that says %j is somebody's for a second, then nobody's", (text) => {
  writeFileSync(lock, text);
  expect(tryFolder(folder)).toBe(false);
  utimesSync(lock, new Date(), new Date(Date.now() - 5_000));
  expect(tryFolder(folder)).toBe(true);
});

test("A folder that a process has taken it need not wait for", () => {
  const module = new URL("../../../tools/base/lock.mjs", import.meta.url).href;
  const script = `import { takeFolder } from ${JSON.stringify(module)};
    for (let i = 0; i < 2; i++) takeFolder(process.argv[1]);`;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", script, folder], {
    timeout: limit(5_000),
  });
  expect(run.status).toBe(0);
});
