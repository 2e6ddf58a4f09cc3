import { FAULTS_A_DAY, type SoakOutcome, soak } from "../../../sim/virtual/soak";
import type { Built } from "./main";

const DAYS = 30;
const SEEDS = 20;

const range = (values: readonly number[]): string => `${Math.min(...values)}–${Math.max(...values)}`;

/** Months of random faults, as a table. */
export function soaks(built: Built): string {
  const outcomes = Array.from({ length: SEEDS }, (_, i) => soak({ ...built, seed: i + 1 }, DAYS));
  const row = (outcome: SoakOutcome, i: number): string =>
    `| ${[
      i + 1,
      outcome.faults,
      outcome.boots,
      outcome.delivered,
      outcome.duplicates,
      outcome.lost.length,
      outcome.misdated.length,
      outcome.violations.length,
      range(outcome.timers),
    ].join(" | ")} |`;
  return [
    `${DAYS} days, a reading a minute (43,200 and those of the hours after the last fault, less what a device without power does not take), ${FAULTS_A_DAY} random faults a day of 13 minutes on average, ${SEEDS} seeds.`,
    "",
    "| seed | faults | boots | readings arrived | more than once | lost | wrongly dated | wrong lights | timers |",
    "| --: | --: | --: | --: | --: | --: | --: | --: | --: |",
    ...outcomes.map(row),
    "",
  ].join("\n");
}
