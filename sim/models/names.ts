// What the world knows of the boards that can be simulated with their own drivers; models.ts has what runs on them.

export interface ModelFacts {
  readonly title: string;
  /** GPIO of the watchdog beside the chip. */
  readonly watchdogPin?: number;
  /** What is plugged in, in the order of the board's list. */
  readonly sensors: readonly string[];
}

export const MODELS = {
  "airgradient-one": {
    title: "AirGradient ONE",
    watchdogPin: 2,
    sensors: ["PMS5003", "S8", "SHT40", "SGP41"],
  },
  "airgradient-open-air": {
    title: "AirGradient Open Air",
    watchdogPin: 2,
    sensors: ["PMS5003T", "S8", "SGP41"],
  },
  "sen66-kit": { title: "SEN66 kit", sensors: ["SEN66"] },
  sen55: { title: "SEN55 on an ESP32-C3-DevKit", sensors: ["SEN55"] },
} as const satisfies Record<string, ModelFacts>;

export type ModelName = keyof typeof MODELS;
export const MODEL_NAMES = Object.keys(MODELS) as ModelName[];
export const factsOf = (model: ModelName): ModelFacts => MODELS[model];
