import { parseArgs } from "node:util";
import { runFaults } from "../../sim/virtual/fault-run";
import { FAULTS } from "../../sim/virtual/faults";
import { SENSOR_FAULTS } from "../../sim/virtual/faults/sensor";
import { soak } from "../../sim/virtual/soak";
import { buildFirmware } from "../../tests/support/firmware";

const ALL = [...FAULTS, ...SENSOR_FAULTS];
const USAGE = `usage: npm run replay -- FAULT [FAULT …] --seed N [--sensors one|four]
       npm run replay -- soak --seed N [--sensors one|four] [--days N]
The failure of a test names faults, seed and sensors. Faults: ${ALL.map(({ name }) => name).join(", ")}`;

/** @returns the exit code: 0 if all was well, 1 if something was found, 2 for a mistake of whoever typed it. */
export async function main(args: readonly string[], print: (line: string) => void): Promise<number> {
  const asked = replayOf(args);
  if (!asked) {
    print(USAGE);
    return 2;
  }
  const { names, seed, sensors, days } = asked;
  const options = { ...(await buildFirmware()), seed, sensors };
  const faults = names.map((name) => ALL.find((fault) => fault.name === name)!);
  const outcome = names[0] === "soak" ? soak(options, days) : runFaults(options, faults);
  for (const line of outcome.trace) print(line);
  const found = [...outcome.violations, ...outcome.lost, ...outcome.misdated];
  for (const each of found) print(`FOUND ${each}`);
  print(
    `${names.join(" + ")}, seed ${seed}, sensors ${sensors}: ${outcome.delivered} readings arrived, ${outcome.duplicates} of them more than once, ${found.length} found`,
  );
  return found.length === 0 ? 0 : 1;
}

/** What is asked for; `undefined`: it is not understood. */
export function replayOf(args: readonly string[]) {
  try {
    const text = { type: "string" } as const;
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { seed: text, sensors: text, days: text },
    });
    const { sensors = "one" } = values;
    const [seed, days] = [Number(values.seed), Number(values.days ?? 7)];
    const isSoak = positionals[0] === "soak" && positionals.length === 1;
    const areFaults =
      positionals.length > 0 && positionals.every((name) => ALL.some((fault) => fault.name === name));
    if (!isSoak && (!areFaults || values.days !== undefined)) return undefined;
    if (!isCount(seed) || values.seed === undefined || !isCount(days) || days < 1) return undefined;
    if (sensors !== "one" && sensors !== "four") return undefined;
    return { names: positionals, seed, sensors, days } as const;
  } catch {
    return undefined;
  }
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
