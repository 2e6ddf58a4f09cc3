import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LOG_LEVELS } from "../../modules/base/logger";
import { parseCli } from "../../sim/cli/options";
import { replayOf } from "../../tools/test/replay-fault";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const page = read("docs/debugging.md");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** Lines of shell, in blocks and between backticks. */
const commands = [
  ...[...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split("\n")),
  ...[...page.matchAll(/`((?:npm|npx) [^`]+)`/g)].map(([, line]) => line!.replaceAll(/\s+/g, " ")),
];
const argsOf = (command: string, script: string): string[] | undefined => {
  const [, rest] =
    new RegExp(`^npm run ${script} -- (.*)$|^npm ${script} -- (.*)$`)
      .exec(command)
      ?.slice(0, 3)
      .filter((each) => each !== undefined) ?? [];
  return rest?.split(" ");
};

test("Every command of docs/debugging.md is one of package.json's", () => {
  const names = commands.flatMap((line) =>
    [...line.matchAll(/^npm (?:run )?([\w:]+)/g)].map(([, name]) => name!),
  );
  expect(new Set(names).size).toBeGreaterThan(8);
  expect(names.filter((name) => !scripts[name])).toEqual([]);
});

test("What it gives to npm start, the simulator understands", () => {
  const all = commands
    .flatMap((line) => [argsOf(line, "start"), argsOf(line, "simulator")])
    .filter((args) => args !== undefined);
  expect(all.length).toBeGreaterThan(4);
  for (const args of all) {
    if (args.includes("NAME")) continue;
    expect(parseCli(args), args.join(" ")).toBeDefined();
  }
});

test("What it gives to npm run replay, that understands", () => {
  const all = commands.map((line) => argsOf(line, "replay")).filter((args) => args !== undefined);
  expect(all.length).toBeGreaterThan(1);
  for (const args of all) expect(replayOf(args), args.join(" ")).toBeDefined();
});

test("Suites and files that it names are in the tree, links too", () => {
  const paths = [...page.matchAll(/(?<![\w/-])((?:sim|tests|tools|docs)\/[\w./-]*\w\/?)/g)].map(
    ([, path]) => path!,
  );
  expect(paths.length).toBeGreaterThan(8);
  expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  const links = [...page.matchAll(/\]\(([\w-]+\.md)/g)].map(([, link]) => link!);
  expect(links.filter((link) => !existsSync(new URL(`docs/${link}`, root)))).toEqual([]);
});

test("Log levels are the firmware's, and the default too", () => {
  const [first, second, usual, last] = LOG_LEVELS;
  expect(page.replaceAll(/\s+/g, " ")).toContain(
    `\`${first}\`, \`${second}\`, \`${usual}\` (the default) and \`${last}\``,
  );
});

test("The line of a crash is the one that the firmware's C describes", () => {
  const line = /^task xs image .*$/m.exec(page)![0];
  expect(read("modules/board/esp32/crash.h")).toContain(line);
});

test("Each member of the diagnostics that support reads is in the example of docs/protocol.md", () => {
  const example = JSON.parse(/```json diagnostics\n(.*)\n/.exec(read("docs/protocol.md"))![1]!) as object;
  const chapter = page.split("## A file from support")[1]!;
  const order = /Read it in this order: ([\s\S]*?)\.\s+Then/.exec(chapter)![1]!;
  const members = [...order.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  expect(members).toContain("reset");
  const known = JSON.stringify(example);
  expect(members.filter((name) => !known.includes(`"${name}":`))).toEqual([]);
});
