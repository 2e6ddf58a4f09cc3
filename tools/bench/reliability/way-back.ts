import { EspHome } from "../../../sim/virtual/rivals/esphome";
import { type Chip, type RivalFirmware, rivalBoard } from "../../../sim/virtual/rivals/rival-board";
import { Tasmota } from "../../../sim/virtual/rivals/tasmota";
import type { VirtualWorldOptions } from "../../../sim/virtual/virtual-world";
import { OUTAGES, type Outage, wayBack } from "../../../sim/virtual/way-back";
import type { Built } from "./main";

const SECOND_MS = 1_000;
const SEEDS = 200;
const AWAY = [
  [15, "15 s"],
  [60, "1 min"],
  [600, "10 min"],
  [7_200, "2 h"],
] as const;

/** Who comes back, by what is on the board: nothing given, ours. */
const DEVICES = {
  Aerolink: undefined,
  ESPHome: (chip) => new EspHome(chip, false),
  "ESPHome with its fallback access point": (chip) => new EspHome(chip, true),
  Tasmota: (chip) => new Tasmota(chip),
} as const satisfies Record<string, ((chip: Chip) => RivalFirmware) | undefined>;

function figures(options: Omit<VirtualWorldOptions, "seed">, outage: Outage, seconds: number): string {
  const times = Array.from(
    { length: SEEDS },
    (_, i) => wayBack({ ...options, seed: i + 1 }, outage, seconds * SECOND_MS) ?? Number.POSITIVE_INFINITY,
  ).sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(SEEDS * share)]! / SECOND_MS).toFixed(0);
  return `${at(0.5)} / ${at(0.95)}`;
}

/** How long each takes until its connection to the broker stands for good, as a table. */
export function ways(built: Built): string {
  const rows = (Object.keys(OUTAGES) as Outage[]).flatMap((outage) =>
    AWAY.map(([seconds, words]) => {
      const cells = Object.values(DEVICES).map((boot) =>
        figures(
          { ...built, ...(boot && { board: (time, random) => rivalBoard(time, random, boot) }) },
          outage,
          seconds,
        ),
      );
      const row = `| ${[OUTAGES[outage].what, words, ...cells].join(" | ")} |`;
      console.log(row);
      return row;
    }),
  );
  return [
    `Seconds from the end of the outage until the connection to the broker stands and stays: median / 95 %, ${SEEDS} seeds each. Outages are up to a third longer than said, by a minute at most.`,
    "",
    `| what was away | for | ${Object.keys(DEVICES).join(" | ")} |`,
    "| --- | --: | --: | --: | --: | --: |",
    ...rows,
    "",
  ].join("\n");
}
