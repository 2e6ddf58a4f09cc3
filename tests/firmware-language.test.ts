// What the firmware must not use, since XS does it otherwise than Node (docs/xs.md).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../tools/base/sdk.mjs";
import { ROOMS, runtimeModules } from "../tools/xs/manifests.mjs";

const BUNDLED = ["mqtt/codec/mqtt-packet"];
const modules = ROOMS.flatMap((room: string) => {
  const { portable, hardware } = runtimeModules(room);
  return [...portable, ...hardware] as string[];
});
const sources = ["main", ...modules.filter((name) => !BUNDLED.includes(name))].map((name) => {
  const path = join(ROOT, `${name}.ts`);
  return { name, text: readFileSync(existsSync(path) ? path : join(ROOT, `${name}.js`), "utf8") };
});

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");

test("No module of the firmware waits for a promise: on XS its reactions come after the timers that are due", () => {
  expect(sources.length).toBeGreaterThan(100);
  const users = sources.filter(({ text }) => /\b(Promise|async|await)\b/.test(withoutComments(text)));
  expect(users.map(({ name }) => name)).toEqual([]);
});

test("No module of the firmware has a regular expression: the engine leaves RegExp out, 6 KB, as long as nobody asks for it", () => {
  const users = sources.filter(({ text }) =>
    /(?:[=(,:&|?]|(?<!\w)!|\breturn)\s*\/(?![/*])|\bnew RegExp\b/.test(withoutComments(text)),
  );
  expect(users.map(({ name }) => name)).toEqual([]);
});

test("No module of the firmware names what would bring a part of the engine back for one use", () => {
  // fx_Array_prototype_concat and its namesakes 1.9 KB, unshift 0.7 KB: by `nm` of an image with and without.
  const users = sources.filter(({ text }) => /\.(concat|unshift)\(/.test(withoutComments(text)));
  expect(users.map(({ name }) => name)).toEqual([]);
});
