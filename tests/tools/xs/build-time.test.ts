import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildUnixSeconds, withBuildTime } from "../../../tools/xs/compile/build-time.mjs";

const hasGit = spawnSync("git", ["--version"]).status === 0;

let root: string;
let source: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "aerolink-time-"));
  source = join(root, "a.ts");
  writeFileSync(source, "");
  utimesSync(source, 1_800_000_000, 1_800_000_000);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("The time of a build", () => {
  it("is SOURCE_DATE_EPOCH where that is set", () => {
    expect(buildUnixSeconds([source], { env: { SOURCE_DATE_EPOCH: "1790000000" }, root })).toBe(
      1_790_000_000,
    );
    for (const no of ["-1", "1e9", "tomorrow", "4102444800", "17.5"])
      expect(() => buildUnixSeconds([source], { env: { SOURCE_DATE_EPOCH: no }, root })).toThrow(RangeError);
  });

  it.runIf(hasGit)("is else the commit's, whatever the files' times are", () => {
    const git = (...args: string[]) =>
      spawnSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
        env: { ...process.env, GIT_COMMITTER_DATE: "1785000000 +0200", GIT_AUTHOR_DATE: "1700000000 +0000" },
      }).status;
    expect([git("init", "-q"), git("add", "a.ts"), git("commit", "-qm", "a")]).toEqual([0, 0, 0]);
    expect(buildUnixSeconds([source], { env: {}, root })).toBe(1_785_000_000);
  });

  it("is else that of the newest source", () => {
    const older = join(root, "b.ts");
    writeFileSync(older, "");
    utimesSync(older, 1_700_000_000, 1_700_000_000);
    process.env.GIT_CEILING_DIRECTORIES = tmpdir();
    expect(buildUnixSeconds([older, source], { env: {}, root })).toBe(1_800_000_000);
    delete process.env.GIT_CEILING_DIRECTORIES;
  });

  it("takes the place of the one in the sources, and is missed where it has none", () => {
    expect(withBuildTime("export const BUILD_UNIX_SECONDS = 1_795_305_600;\n", 5)).toBe(
      "export const BUILD_UNIX_SECONDS = 5;\n",
    );
    expect(() => withBuildTime("export const OTHER = 1;", 5)).toThrow("BUILD_UNIX_SECONDS");
  });
});
