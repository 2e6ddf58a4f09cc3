import type { DeviceFacts } from "../../cloud/rollout/facts";
import type { IdentityState } from "../cloud/protocol";
import type { DeviceRecord, RegisterEvent } from "./register";

const HEAD = ["device", "certificate", "until", "days left", "state", "list", "reason"] as const;
const DAY_SECONDS = 86_400;

/** What devices say of their certificates, as a table for people; the next one to end first. */
export function identityTable(devices: ReadonlyMap<string, DeviceFacts>, now: number): string {
  const ends = (identity: IdentityState | undefined): number => identity?.expires ?? 0;
  const rows = [...devices]
    .sort(([, a], [, b]) => ends(a.identity) - ends(b.identity))
    .map(([id, { online, identity }]) => {
      const name = online === false ? `${id} (away)` : id;
      if (!identity) return [name, "–", "–", "–", "says nothing of it", "–", ""];
      const { source, expires, state, list, reason = "" } = identity;
      if (expires === null) return [name, source, "–", "–", state, "–", reason];
      const left = String(Math.floor((expires - now) / DAY_SECONDS));
      return [name, source, dateOf(expires), left, state, list > 0 ? String(list) : "–", reason];
    });
  return table([HEAD, ...rows]);
}

/** Lines of the register, for people. */
export function describeEvent(event: RegisterEvent): string {
  const at = new Date(event.at * 1000).toISOString().slice(0, 19);
  return `${at}Z  ${event.device}  ${wordsOf(event)}`;
}

function wordsOf(event: RegisterEvent): string {
  switch (event.what) {
    case "known":
      return `known, until ${dateOf(event.until)}, serial number ${event.serial}`;
    case "issued":
      return `issued over ${event.via}, until ${dateOf(event.until)}, serial number ${event.serial}`;
    case "refused":
      return `refused over ${event.via}: ${event.reason}${event.why === undefined ? "" : ` (${event.why})`}`;
    case "revoked":
      return `revoked: ${event.why}`;
  }
}

/** Whoever is in the register, by what it has. */
export const countDevices = (
  devices: ReadonlyMap<string, DeviceRecord>,
): { known: number; revoked: number } => ({
  known: [...devices.values()].filter(({ certificates }) => certificates.length > 0).length,
  revoked: [...devices.values()].filter(({ revokedAt }) => revokedAt !== undefined).length,
});

const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
