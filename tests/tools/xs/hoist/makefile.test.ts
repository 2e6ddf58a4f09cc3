import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isHoisted, leaveOut, preloadsOf, scriptsOf } from "../../../../tools/xs/hoist/makefile.mjs";

/** As mcconfig writes it (SDK 8.2.3). */
const MAKEFILE = [
  'STRIPS =\\\n\t-s "*"\n',
  "MODULES =\\\n\t$(MODULES_DIR)/a.xsb\\\n\t$(MODULES_DIR)/room/b.xsb\\\n\t$(MODULES_DIR)/~.embedded/io/c.xsb\\\n\t$(TMP_DIR)/a.c.xsi",
  "PRELOADS =\\\n\t-p ~.embedded/io/c.xsb\\\n\t-p room/b.xsb\\\n\t-p a.xsb\\\n\t-p a.xsb\n",
  "$(MODULES_DIR)/a.xsb: a.js\n\txsc a.js\n",
].join("\n");

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aerolink-makefile-"));
  path = join(folder, "makefile");
  writeFileSync(path, MAKEFILE);
});
afterEach(() => rmSync(folder, { recursive: true }));

it("What is preloaded is read from mcconfig's makefile, in order", () => {
  expect(preloadsOf(path)).toEqual(["embedded:io/c", "room/b", "a", "a"]);
});

it("JavaScript modules are found by their rules, with what mcconfig writes and without what was TypeScript", () => {
  const script = join(folder, "driver.js");
  for (const file of [script, join(folder, "mc.config.js")]) writeFileSync(file, "");
  const rules = [
    `TMP_DIR = ${folder}`,
    `$(MODULES_DIR)/~.embedded/io/c.xsb: ${script}\n\txsc ${script}`,
    "$(MODULES_DIR)/mc/config.xsb: $(TMP_DIR)/mc.config.js\n",
    "$(MODULES_DIR)/gone.xsb: gone.js\n",
    "$(MODULES_DIR)/room/b.xsb: $(TMP_DIR)/tsc/room/b.js\n",
  ];
  mkdirSync(join(folder, "tsc/room"), { recursive: true });
  writeFileSync(join(folder, "tsc/room/b.js"), "");
  writeFileSync(path, rules.join("\n"));
  expect(scriptsOf(path)).toEqual([
    { name: "embedded:io/c", file: script },
    { name: "mc/config", file: join(folder, "mc.config.js") },
  ]);
});

it("What became one is neither made nor linked, and all else is as it was", () => {
  leaveOut(path, ["a", "embedded:io/c"]);
  const text = readFileSync(path, "utf8");
  expect(text.slice(text.indexOf("\n") + 1)).toBe(
    MAKEFILE.replace("\\\n\t$(MODULES_DIR)/a.xsb", "")
      .replace("\\\n\t$(MODULES_DIR)/~.embedded/io/c.xsb", "")
      .replace("\\\n\t-p ~.embedded/io/c.xsb", "")
      .replaceAll("\\\n\t-p a.xsb", ""),
  );
  expect(isHoisted(path)).toBe(true);
});

it("What xsc makes of the one is made shorter, after xsc and after what makes it shorter has changed", () => {
  const rule = "$(MODULES_DIR)/~.embedded/io/a.b.xsb: a.js\n\t@echo '# xsc a.b.xsb'\n\txsc a.js -c -e\n";
  writeFileSync(path, `${MAKEFILE}${rule}\n$(MODULES_DIR)/d.xsb: d.js\n\txsc d.js\n`);
  leaveOut(path, ["a"], "embedded:io/a.b");
  const text = readFileSync(path, "utf8");
  expect(text).toMatch(/\n\$\(MODULES_DIR\)\/a\.xsb: a\.js\n\txsc a\.js\n/);
  expect(text).toMatch(/\/d\.xsb: d\.js\n\txsc d\.js\n$/);
  const [, needs, recipe] = /a\.b\.xsb: a\.js (.*)\n((?:\t.*\n)+)/.exec(text)!;
  expect(needs!.split(" ").every((file) => /[\\/](shorten|bytecode[\\/]\w+)\.mjs$/.test(file))).toBe(true);
  expect(needs).toContain("peephole.mjs");
  expect(recipe!.split("\n")).toEqual([
    "\t@echo '# xsc a.b.xsb'",
    "\txsc a.js -c -e",
    expect.stringMatching(/^\t".+" ".+shorten\.mjs" \$@$/),
    "",
  ]);
  leaveOut(path, ["a"], "embedded:io/a.b");
  expect(readFileSync(path, "utf8")).toBe(text);
});

it("Others may be left out later, and the order is still mcconfig's", () => {
  leaveOut(path, ["a"]);
  leaveOut(path, ["room/b"]);
  expect(preloadsOf(path)).toEqual(["embedded:io/c", "room/b", "a", "a"]);
  expect(readFileSync(path, "utf8")).toContain("MODULES =\\\n\t$(MODULES_DIR)/a.xsb\\\n\t$(MODULES_DIR)/~.");
});

it("A makefile that mcconfig wrote anew leaves nothing out", () => {
  leaveOut(path, ["a"]);
  writeFileSync(path, MAKEFILE.replaceAll("room/b", "room/d"));
  expect(isHoisted(path)).toBe(false);
  expect(preloadsOf(path)).toEqual(["embedded:io/c", "room/d", "a", "a"]);
  leaveOut(path, ["a"]);
  expect(preloadsOf(path)).toEqual(["embedded:io/c", "room/d", "a", "a"]);
});
