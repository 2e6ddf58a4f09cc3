import { expect, test } from "vitest";
import { addDefaults } from "../../../tools/esp32/kconfig.mjs";

const answers = (text: string, set: Record<string, unknown> = {}, off: string[] = []): object => {
  const options = new Map<string, unknown>(Object.entries(set));
  addDefaults(options, [text], new Set(off));
  return Object.fromEntries(options);
};

test("defaults are y, a number, or nothing", () => {
  const text =
    'menu TLS\nconfig A\n  bool "a"\n  default y\n  help\n    defaults to y\nconfig B\n  default n\nconfig C\n  default 16384\nendmenu';
  expect(answers(text)).toEqual({ CONFIG_A: 1, CONFIG_C: "16384" });
});

test("what was answered stays, also when it was n", () => {
  const text = "config A\n  default y\nconfig B\n  default 1";
  expect(answers(text, { CONFIG_B: "2" }, ["CONFIG_A"])).toEqual({ CONFIG_B: "2" });
});

test.each([
  ["X", false],
  ["!X", true],
  ["Y", true],
  ["X && Y", false],
  ["X || Y", true],
  ["!(X || Y)", false],
  ["!X && (Y || X)", true],
  ["(X && Y) || !X", true],
  ["Z > 1", false],
])("an option that depends on %s: %s", (expression, on) => {
  const text = `config A\n  default y\n  depends on ${expression}\nconfig Y\n  default y`;
  expect("CONFIG_A" in answers(text)).toBe(on);
});

test("an option may depend on a later one, and on two lines, one of them continued", () => {
  const text =
    "config A\n  depends on B\n  depends on C || \\\n    D\n  default y\nconfig B\n  default y\nconfig D\n  default y";
  expect(answers(text)).toHaveProperty("CONFIG_A", 1);
});

test("the first default that holds counts", () => {
  const text = "config N\n  default 1 if A\n  default 2 if B\n  default 3\nconfig B\n  default y";
  expect(answers(text)).toHaveProperty("CONFIG_N", "2");
});

test("a choice takes its default unless one was chosen, and what is on selects others", () => {
  const text =
    "choice MODE\n  default BOTH\nconfig BOTH\n  select CLIENT\n  select SERVER\nconfig ONE\n  select CLIENT\nendchoice\nconfig CLIENT\n  bool";
  expect(answers(text)).toEqual({ CONFIG_BOTH: 1, CONFIG_CLIENT: 1, CONFIG_SERVER: 1 });
  expect(answers(text, { CONFIG_ONE: 1 })).toEqual({ CONFIG_ONE: 1, CONFIG_CLIENT: 1 });
});

test("an option selects another only while the condition of that line holds", () => {
  const text = "config A\n  default y\n  select B if X\n  select C if !X\nconfig B\n  bool\nconfig C\n  bool";
  expect(answers(text)).toEqual({ CONFIG_A: 1, CONFIG_C: 1 });
});

test("what lies between if and endif depends on it, also inside another", () => {
  const text =
    "if X\nconfig A\n  default y\nif Y\nconfig B\n  default y\nendif\nendif # X\nconfig C\n  default y\nif C\nconfig D\n  default y\nendif";
  expect(answers(text)).toEqual({ CONFIG_C: 1, CONFIG_D: 1 });
  expect(answers(text, { CONFIG_X: 1 })).toEqual({ CONFIG_X: 1, CONFIG_A: 1, CONFIG_C: 1, CONFIG_D: 1 });
});

test("words of a help text are no statements", () => {
  const text =
    "config A\n  default y\n  help\n    Change this only\n    if absolutely necessary.\n\n      select B\nconfig C\n  default y";
  expect(answers(text)).toEqual({ CONFIG_A: 1, CONFIG_C: 1 });
});
