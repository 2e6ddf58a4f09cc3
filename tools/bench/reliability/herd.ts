import { writeFileSync } from "node:fs";
import { type HerdOptions, type HerdOutcome, runHerd } from "../../../sim/virtual/herd";
import { chart } from "./chart";

const DEVICES = 10_000;
const OUTAGE_MS = 600_000;
const WATCH_MS = 960_000;
const KINDS: readonly { name: string; retry: HerdOptions["retry"] }[] = [
  { name: "Aerolink: backoff with full jitter, 1 s to 5 min", retry: "backoff" },
  { name: "every 5 s", retry: 5 },
  { name: "every 10 s", retry: 10 },
];

const outage = OUTAGE_MS / 1_000;
const number = (value: number): string => Math.round(value).toLocaleString("en-US");

/** Draws the attempts into `file` and returns their figures as a table. */
export function herd(file: string): string {
  const outcomes = KINDS.map(({ retry }) =>
    runHerd({ devices: DEVICES, retry, outageMs: OUTAGE_MS, watchMs: WATCH_MS, seed: 1 }),
  );
  const title = `Connection attempts per second of ${number(DEVICES)} devices whose broker is away for ten minutes`;
  const panels = KINDS.map(({ name }, i) => ({ name, values: outcomes[i]!.attempts }));
  writeFileSync(file, chart({ title, panels, markAt: outage, markText: "broker back" }));
  return [
    `![${title}](herd.svg)`,
    "",
    "| retry | attempts in all | most in a second | most in a second after the first minute | most in a second once the broker is back | half of them back after, s | all back after, s |",
    "| --- | --: | --: | --: | --: | --: | --: |",
    ...KINDS.map(({ name }, i) => `| ${[name, ...figures(outcomes[i]!)].join(" | ")} |`),
    "",
  ].join("\n");
}

function figures({ attempts, connected }: HerdOutcome): string[] {
  const most = (from: number, to = attempts.length): string => number(Math.max(...attempts.slice(from, to)));
  const backAfter = (share: number): string => {
    const at = connected.findIndex((count, i) => i >= outage && count >= DEVICES * share);
    return at < 0 ? "–" : String(at - outage + 1);
  };
  const all = attempts.reduce((sum, each) => sum + each, 0);
  return [number(all), most(0), most(60, outage), most(outage), backAfter(0.5), backAfter(1)];
}
