import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sizesByObject } from "../../../tools/esp32/link-map.mjs";
import { COMPILER, CPU, flagsOfTarget, hasCompiler, link } from "../../../tools/esp32/rv32.mjs";

const folder = mkdtempSync(join(tmpdir(), "aerolink-rv32-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasCompiler())("link", () => {
  const compile = (name: string, source: string): string => {
    const object = join(folder, `${name}.c.o`);
    writeFileSync(join(folder, `${name}.c`), source);
    execFileSync(COMPILER, [
      ...[...CPU, "-Os", "-w", "-ffunction-sections", "-fdata-sections"],
      ...["-c", join(folder, `${name}.c`), "-o", object],
    ]);
    return object;
  };
  const text = "a text of forty characters, to be counted";

  it("leaves out what no root reaches, keeps equal texts once and takes what is nowhere for granted", () => {
    const first = compile(
      "first",
      `extern int elsewhere(const char *); extern int second(void);
       int root(void) { return elsewhere("${text}") + second(); }
       const char unused[1000] = "never reached"; int alsoUnused(void) { return unused[3]; }`,
    );
    const second = compile(
      "second",
      `extern int elsewhere(const char *); int second(void) { return elsewhere("${text}"); }`,
    );
    const sizes = sizesByObject(
      link({ image: join(folder, "image"), files: [first, second], roots: ["root"] }),
    );
    expect([...sizes.keys()].sort()).toEqual([first, second].sort());
    expect(sizes.get(first)).toBeGreaterThan(text.length);
    expect(sizes.get(first)).toBeLessThan(200);
    expect(sizes.get(second)).toBeLessThan(text.length);
  });

  it("throws the linker's words", () => {
    expect(() =>
      link({ image: join(folder, "none"), files: [join(folder, "none.o")], roots: ["root"] }),
    ).toThrow(/none\.o/);
  });
});

it("The flags of a target are those that its makefile has, or none", () => {
  writeFileSync(join(folder, "makefile"), "NAME = aerolink\nC_FLAGS_SUBPLATFORM = @flags.gcc -g\n");
  expect(flagsOfTarget(folder)).toEqual(["@flags.gcc", "-g"]);
  writeFileSync(join(folder, "makefile"), "NAME = aerolink\n");
  expect(flagsOfTarget(folder)).toEqual([]);
});
