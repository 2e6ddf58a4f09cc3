// What docs/identity.md has one type is an option of the tools, and its figures are theirs.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HELP, main } from "../../tools/authority/cli";
import { USUAL_POLICY } from "../../tools/authority/issuer";
import { parseCli } from "../../tools/authority/options";
import { CRL_DAYS } from "../../tools/authority/revocation";
import { RENEWED_DAYS } from "../../tools/authority/signer";
import { parseCli as parseRelease } from "../../tools/release/options";

const page = readFileSync(new URL("../../docs/identity.md", import.meta.url), "utf8");
const commands = [...page.matchAll(/npm run (authority|release) -- ([^`\n…]+)/g)].map(
  ([, tool, text]) => [tool!, text!.trim()] as const,
);
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);

test("Every command of the page is one that its tool takes", () => {
  expect(commands.length).toBeGreaterThan(10);
  for (const [tool, line] of commands) {
    const parse = tool === "authority" ? parseCli : parseRelease;
    expect(parse(words(line)), line).toBeDefined();
  }
});

test("Lifetimes and limits are the tools'", () => {
  expect(page).toContain(
    `| ${RENEWED_DAYS} days | the device | from day ${Math.ceil((RENEWED_DAYS * 2) / 3)}`,
  );
  expect(page).toContain(`| revocation lists | ${CRL_DAYS} days |`);
  expect(USUAL_POLICY).toMatchObject({ aDay: 4, atOnce: 32 });
  expect(page).toContain("four a day (`--a-day`), 32 at once");
});

test("The tool shows its options in lines of a terminal, and says what it does not know", async () => {
  const said: string[] = [];
  const output = { print: (text: string) => said.push(text), warn: (text: string) => said.push(text) };
  expect(await main(["--help"], output)).toBe(0);
  expect(said).toEqual([HELP]);
  for (const line of HELP.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  for (const [args, why] of [
    [["fly"], 'there is no "fly"'],
    [["serve", "--colour", "red"], "--colour"],
    [["revoke"], "needs --device"],
    [["known"], "needs --certificate"],
    [["lists", "--ca-cert", "a"], "go together"],
    [["lists", "--former", "a"], "CERT,KEY"],
    [["status", "--broker", "http://x"], "mqtts://host:port"],
  ] as const) {
    said.length = 0;
    expect(await main(args, output), args.join(" ")).toBe(2);
    expect(said.join("\n")).toContain(why);
  }
});
