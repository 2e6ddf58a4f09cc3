import type { DeviceFacts } from "../../cloud/rollout/facts";

const HEAD = ["device", "runs", "offered", "state", "loaded", "reason"] as const;

/** What devices say of updates, as a table for people. */
export function statusTable(devices: ReadonlyMap<string, DeviceFacts>): string {
  const rows = [...devices]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { online, update }]) => {
      const name = online === false ? `${id} (away)` : id;
      if (!update) return [name, "–", "–", "says nothing of updates", "", ""];
      const { running, version, release, state, progress, reason, wait, crash } = update;
      const loaded = state === "downloading" ? `${progress * 25} %` : "";
      const why = [reason ?? wait, crash].filter(Boolean).join(": ");
      return [name, `${running} (${version})`, release ? String(release) : "–", state, loaded, why];
    });
  const table = [HEAD, ...rows];
  const widths = HEAD.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
