// docs/setup.md quotes the setup page: it must say what the page says.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LINK_FAILURE_WORDS } from "../../modules/network/link-failure";
import { FINISH_MS, IDLE_MS, LINGER_MS } from "../../provisioning/setup-mode";
import { JOIN_FAILURE_WORDS, STAGE_WORDS, STRINGS } from "../../provisioning/strings";
import { MAX_NETWORKS } from "../../wifi/network";

const PAGE = readFileSync(new URL("../../docs/setup.md", import.meta.url), "utf8");
const table = PAGE.split("| page | what it means | what to do |")[1]!.split("\n\n")[0]!;
const quoted = [...table.matchAll(/^\| (.*?) \|/gm)].map(([, cell]) => cell!.replace("…", ""));

test("Every failure of a join, and a cloud that is not reached, is in the table in the page's words", () => {
  const said = [
    ...Object.entries(JOIN_FAILURE_WORDS),
    ["cloud-failed", STAGE_WORDS["cloud-failed"]] as const,
  ].map(([, { says }]) => says);
  expect(quoted.length).toBe(said.length);
  for (const each of quoted)
    expect(
      said.filter((words) => words.includes(each)),
      each,
    ).toHaveLength(1);
  expect(said).toContain(LINK_FAILURE_WORDS["captive-portal"].says);
});

test("Its buttons and times are the page's", () => {
  for (const button of [STRINGS.connect, STRINGS.again, STRINGS.finish])
    expect(PAGE).toContain(`*${button}*`);
  expect(STRINGS.otherNetwork).toContain("Other network");
  expect(STRINGS.showPassword).toBe("Show password");
  expect([LINGER_MS, IDLE_MS, MAX_NETWORKS]).toEqual([10_000, 600_000, 4]);
  expect(FINISH_MS).toBeLessThan(LINGER_MS);
  for (const words of ["ten seconds later", "ten minutes", "Up to four networks"])
    expect(PAGE).toContain(words);
});
