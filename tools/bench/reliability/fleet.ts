import { type FleetOutcome, runFleet } from "../../../sim/virtual/fleet";

const DEVICES = 10_000;
const SHARES = [0, 0.005, 0.05, 0.2, 1];
const SEED = 1;

const number = (value: number): string => value.toLocaleString("en-US");

/** Rollouts of releases that fail on more and more devices, as a table. */
export function fleet(): string {
  const outcomes = SHARES.map((failing) => ({
    failing,
    outcome: runFleet({ devices: DEVICES, failing, seed: SEED }),
  }));
  return [
    `${number(DEVICES)} devices, 1 %, 10 % and all of them, a day each, stopped at 2 % of failures.`,
    "",
    "| fails on | stages begun | had the offer | ended | run the new one | run the old one | failed, and still on it | gave up a good one | most trials | no image that boots |",
    "| --: | --- | --: | --- | --: | --: | --: | --: | --: | --: |",
    ...outcomes.map(
      ({ failing, outcome }) => `| ${[`${failing * 100} %`, ...figures(outcome)].join(" | ")} |`,
    ),
    "",
  ].join("\n");
}

function figures(outcome: FleetOutcome): string[] {
  const { stages, verdict, stoppedAtHours } = outcome;
  return [
    stages.map(({ atHours }) => `${atHours.toFixed(0)} h`).join(", "),
    number(stages.at(-1)?.offered ?? 0),
    verdict === "stopped" ? `stopped at ${stoppedAtHours!.toFixed(1)} h` : verdict,
    ...[
      outcome.renewed,
      outcome.old,
      outcome.stuck,
      outcome.falselyFailed,
      outcome.mostTrials,
      outcome.lost,
    ].map(number),
  ];
}
