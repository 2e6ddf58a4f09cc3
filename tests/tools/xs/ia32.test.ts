import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { findIa32 } from "../../../tools/xs/host/ia32.mjs";

const folder = mkdtempSync(join(tmpdir(), "aerolink-ia32-"));
afterAll(() => rmSync(folder, { recursive: true }));

const given = (CC: string) => ({ ...process.env, CC, PKG_CONFIG_LIBDIR: folder });
const works = (command: string, ...options: string[]) => spawnSync(command, options).status === 0;

describe("32 bits", () => {
  it("are not there without a compiler, and it is said why", () => {
    expect(findIa32(folder, [], given("no-such-compiler -m32"))).toBe(
      "no-such-compiler makes nothing for 32 bits here (Debian: gcc-multilib)",
    );
  });

  it.skipIf(!works("gcc", "--version") || process.arch !== "x64")(
    "are not what a compiler makes for 64",
    () => {
      expect(findIa32(folder, [], given("gcc"))).toMatch(/^gcc makes nothing for 32 bits/);
    },
  );

  const hasMultilib = works(
    "gcc",
    "-m32",
    "-shared",
    "-x",
    "c",
    "/dev/null",
    "-o",
    join(folder, "empty"),
    "-lc",
  );
  it.skipIf(!hasMultilib)("are what a compiler makes that is told so, with what is asked for beside", () => {
    const found = findIa32(folder, ["-Wl,--wrap=malloc"], given("gcc -m32"));
    if (typeof found === "string") throw new Error(found);
    expect(found.env.CC).toBe("gcc -m32 -Wl,--wrap=malloc");
    expect(["", "qemu-i386"]).toContain(found.run.join(" "));
  });
});

test("Without 32 bits bench:xs says so in one line, and passes", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["tools/bench/xs.mjs"], {
    env: given("no-such-compiler"),
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^bench:xs: skipped, .+\n$/);
});
