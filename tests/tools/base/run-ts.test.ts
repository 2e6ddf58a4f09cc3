import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { ROOT } from "../../../tools/base/run-ts.mjs";

const PROBE = "tests/tools/base/fixtures/probe.ts";

/** In a Node of its own: vitest would resolve the SDK modules by itself. */
function node(script: string): string {
  const code = `import { runTs } from "./tools/base/run-ts.mjs"; const probe = await runTs(${JSON.stringify(PROBE)}); ${script}`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd: ROOT, encoding: "utf8" });
}

test("a TypeScript entry runs with SDK modules, packages and its own URL", () => {
  const [ticks, url, externals] = JSON.parse(
    node("console.log(JSON.stringify([probe.ticks, probe.url, probe.externals]))"),
  );
  expect(ticks).toBeTypeOf("number");
  expect(url).toBe(new URL("fixtures/probe.ts", import.meta.url).href);
  expect(externals).toEqual(["function", "function"]);
});

test("stack traces name the source line", () => {
  const stack = node("try { probe.fail(); } catch (error) { console.log(error.stack); }");
  expect(stack).toMatch(/fixtures\/probe\.ts:11:/);
});
