import { type FaultOutcome, runFaults } from "../../../sim/virtual/fault-run";
import { FAULTS } from "../../../sim/virtual/faults";
import type { Fault } from "../../../sim/virtual/faults/fault";
import type { Built } from "./main";

const SEEDS = 10;

/** A run in which something did not hold. */
const isSound = ({ violations, misdated, lost, recoveredMs, status }: FaultOutcome): boolean =>
  violations.length + misdated.length + lost.length === 0 && recoveredMs !== undefined && status === "online";

const seconds = (ms: number): string => (ms / 1_000).toFixed(0);
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
const times = (outcomes: readonly FaultOutcome[]): number[] =>
  outcomes.map(({ recoveredMs }) => recoveredMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
const total = (outcomes: readonly FaultOutcome[], of: (outcome: FaultOutcome) => number): number =>
  outcomes.reduce((sum, outcome) => sum + of(outcome), 0);

/** Each fault alone, over several seeds, as a table. */
export function matrix(built: Built): string {
  const all: FaultOutcome[] = [];
  const rows = FAULTS.map((fault) => row(built, fault, all));
  return [
    `${FAULTS.length} faults, each for five minutes (of updates half an hour) on ${SEEDS} seeds: ${all.filter(isSound).length} of ${all.length} runs without a wrong light, a lost or wrongly dated reading, or a late return.`,
    "",
    "| fault | what happens | light in its last minute | back after, s (median) | (longest) | readings | twice | lost | wrong lights |",
    "| --- | --- | --- | --: | --: | --: | --: | --: | --: |",
    ...rows,
    "",
  ].join("\n");
}

/** One fault's line of the table; its runs go to `all`. */
export function row(built: Built, fault: Fault, all: FaultOutcome[]): string {
  const outcomes = Array.from({ length: SEEDS }, (_, i) => runFaults({ ...built, seed: i + 1 }, [fault]));
  all.push(...outcomes);
  const sights = [...new Set(outcomes.flatMap((outcome) => [...outcome.sights]))].sort();
  const sorted = times(outcomes);
  const cells = [
    `\`${fault.name}\``,
    fault.what,
    sights.join(", "),
    seconds(quantile(sorted, 0.5)),
    seconds(sorted.at(-1)!),
    total(outcomes, ({ delivered }) => delivered),
    total(outcomes, ({ duplicates }) => duplicates),
    total(outcomes, ({ lost }) => lost.length),
    total(outcomes, ({ violations }) => violations.length),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** All ordered pairs, in words. */
export function pairs(built: Built): string {
  const outcomes: FaultOutcome[] = [];
  const unsound: string[] = [];
  FAULTS.forEach((first: Fault, i) => {
    FAULTS.forEach((second, j) => {
      if (i === j) return;
      const outcome = runFaults({ ...built, seed: i * FAULTS.length + j }, [first, second]);
      outcomes.push(outcome);
      if (!isSound(outcome)) unsound.push(`${first.name} + ${second.name}`);
    });
  });
  const sorted = times(outcomes);
  return [
    `All ${outcomes.length} ordered pairs, the second fault beginning within two minutes of the first: ${outcomes.length - unsound.length} runs without a wrong light, a lost or wrongly dated reading, or a late return${unsound.length > 0 ? `; not so ${unsound.join(", ")}` : ""}.`,
    "",
    `Solid blue for good after the end of the last fault: median ${seconds(quantile(sorted, 0.5))} s, 95 % within ${seconds(quantile(sorted, 0.95))} s, the longest ${seconds(sorted.at(-1)!)} s. ${total(outcomes, ({ delivered }) => delivered)} readings arrived, ${total(outcomes, ({ duplicates }) => duplicates)} of them more than once.`,
    "",
  ].join("\n");
}
