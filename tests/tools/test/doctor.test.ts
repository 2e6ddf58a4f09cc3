import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findSdk } from "../../../tools/base/sdk.mjs";
import { findPostgres } from "../../../tools/bench/cloud/postgres";
import { examine, TOOLS } from "../../../tools/test/doctor.mjs";
import { findChromium, findMosquitto } from "../../support/tools";

const tool = (what: string, here: boolean) => ({
  what,
  from: `Debian: ${what}`,
  without: "a lane is left out",
  isHere: () => here,
});

describe("npm run doctor", () => {
  it("says what is here, and what is left out without the rest", () => {
    expect(examine([tool("cat", true), tool("dog", false)], "24.1.0")).toEqual({
      good: true,
      lines: ["yes  Node 24.1.0", "yes  cat", "no   dog: a lane is left out (Debian: dog)"],
    });
  });

  it("calls a Node that is too old by its number", () => {
    expect(examine([], "20.18.3").lines).toEqual(["NO   Node 20.18.3: 20.19, 22.12, 24 or newer is needed"]);
    expect(examine([], "20.18.3").good).toBe(false);
    for (const [version, good] of [
      ["18.20.0", false],
      ["20.19.0", true],
      ["21.7.0", false],
      ["22.11.0", false],
      ["22.12.0", true],
      ["24.0.0", true],
    ] as const)
      expect(examine([], version).good, version).toBe(good);
  });

  it("names every package of Debian that CI installs for a test", () => {
    const script = readFileSync(".ci/run", "utf8");
    const installed = /packages=\(([^)]*)\)/.exec(script)![1]!.split(/\s+/).filter(Boolean);
    // A font for screenshots and a screen without a screen serve the tools beside them.
    const named = `${TOOLS.map(({ from }) => from).join(" ")} xvfb fonts-dejavu-core`.split(/\s+/);
    expect(installed.filter((name) => !named.includes(name))).toEqual([]);
  });

  it("knows every program that a test looks for, by the file that looks", () => {
    const doctor = readFileSync("tools/test/doctor.mjs", "utf8");
    const looks = readdirSync("tests", { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        [...readFileSync(`tests/${file}`, "utf8").matchAll(/findTool\("([\w-]+)"/g)].map(([, name]) => [
          name!,
          file,
        ]),
      );
    expect(looks.length).toBeGreaterThan(5);
    expect(looks.filter(([name]) => !doctor.includes(`"${name}"`))).toEqual([]);
  });

  it("finds what the tests find, and by the same rule", () => {
    const isHere = (what: string) => TOOLS.find((tool) => tool.what === what)!.isHere();
    expect(isHere("Chromium")).toBe(findChromium() !== undefined);
    expect(isHere("mosquitto")).toBe(findMosquitto() !== undefined);
    expect(isHere("PostgreSQL")).toBe(findPostgres() !== undefined);
    expect(isHere("Moddable SDK")).toBe(findSdk() !== undefined);
  });

  it("says what is missing where nothing is installed but Node, and that the README's commands run", () => {
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      const { lines, good } = examine();
      expect(good).toBe(true);
      for (const what of ["a C compiler", "mbedTLS", "valgrind", "OpenSSL", "Python", "a RISC-V compiler"])
        expect(lines.find((line) => line.slice(5).startsWith(what))).toMatch(/^no {3}.+: .+ \(Debian: .+\)$/);
    } finally {
      process.env.PATH = path;
    }
  });

  it("finds npm's packages, since this test runs", () => {
    expect(TOOLS[0]!.isHere()).toBe(true);
  });
});
