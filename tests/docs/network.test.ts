import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { STATUS_PATTERNS } from "../../led/patterns";
import { SETTINGS } from "../../modules/configuration/settings-table";
import { CHECK_PORT } from "../../modules/network/internet-check";
import { LINK_FAILURE_WORDS, TLS_FAILURE_WORDS } from "../../modules/network/link-failure";
import { JOIN_FAILURE_WORDS } from "../../provisioning/strings";
import { diagnoseJoin } from "../../wifi/join-failure";
import { REASON_NAMES } from "../../wifi/reason-codes";

const page = readFileSync(new URL("../../docs/network.md", import.meta.url), "utf8");

/** Cells of the table whose header begins with these words, without the header. */
function table(...header: string[]): string[][] {
  const lines = page.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`| ${header.join(" | ")} |`));
  if (at < 0) throw new Error(`docs/network.md has no table ${header.join(", ")}`);
  const end = lines.findIndex((line, i) => i > at && !line.startsWith("|"));
  return lines.slice(at + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const words = (table: Record<string, { says: string; advice: string }>): string[][] =>
  Object.entries(table).map(([reason, { says, advice }]) => [`\`${reason}\``, says, advice]);

/** "5, 10–12" as numbers. */
function numbers(cell: string): number[] {
  if (!/\d/.test(cell)) return [];
  return cell.split(", ").flatMap((part) => {
    const [first, last = first] = part.split("–").map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

describe("why Wi-Fi is not joined", () => {
  const rows = table("reason", "what the setup page says", "and advises", "numbers");

  it("is told in the words of the setup page", () => {
    expect(rows.map((row) => row.slice(0, 3))).toEqual(words(JOIN_FAILURE_WORDS));
  });

  it("is told with the numbers that the firmware takes for it", () => {
    const said = new Map(rows.flatMap(([reason, , , cell]) => numbers(cell!).map((each) => [each, reason])));
    for (const number of Object.keys(REASON_NAMES).map(Number)) {
      const reason = diagnoseJoin({ phase: "associating", number, security: "wpa2", hasPassword: true });
      expect([number, said.get(number) ?? "`unknown`"]).toEqual([number, `\`${reason}\``]);
      said.delete(number);
    }
    expect([...said]).toEqual([]);
  });
});

test("Why the cloud is not reached is told in the words of the firmware", () => {
  const rows = table("reason", "what the device says", "and advises", "light");
  expect(rows.map((row) => row.slice(0, 3))).toEqual(words(LINK_FAILURE_WORDS));
  const whites = rows.filter(([, , , light]) => light === "solid white").map(([reason]) => reason);
  expect(whites).toEqual(["`captive-portal`"]);
});

test("Why there is no TLS is told in the words of the firmware", () => {
  const lines = page.slice(page.indexOf("With `cloud-tls` comes why"));
  for (const [reason, says, advice] of words(TLS_FAILURE_WORDS)) {
    expect(lines).toContain(`| ${reason} | ${says} | ${advice} |`);
  }
});

test("The lights are those of the firmware", () => {
  const lights = Object.values(STATUS_PATTERNS).map(({ motion, colour }) => `${motion} ${colour}`);
  const rows = table("light", "Wi-Fi", "cloud").map(([light]) => light!);
  expect(rows.sort()).toEqual(lights.sort());
});

test("Ports and hosts are those of the settings", () => {
  for (const host of SETTINGS.sntpServers.default) expect(page).toContain(`\`${host}\``);
  expect(page).toContain(`| TCP ${SETTINGS.brokerPort.default} |`);
  expect(page).toContain(`| TCP ${CHECK_PORT} |`);
});
