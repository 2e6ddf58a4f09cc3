import type { ParticleTable } from "../particles/particle-sensor";
import type { Command } from "../polled-sensor";
import { type Field, PARTICLES, type StatusBits } from "../sensirion/words";

// What the Sensirion SEN50, SEN54 and SEN55 say on I²C. After Sensirion's drivers embedded-i2c-sen5x (8903350:
// sen5x_i2c.c, sen5x_i2c.h) and python-i2c-sen5x (85aee9b: response_types.py, tests/response_types). Where the two
// drivers name different times, the longer one. Names have up to 32 characters; these have five, and a serial number
// sixteen.
const COMMAND = Object.freeze(
  {
    startMeasurement: { code: 0x0021, waitMs: 50, words: 0 },
    readDataReady: { code: 0x0202, waitMs: 20, words: 1 },
    readValues: { code: 0x03c4, waitMs: 20, words: 8 },
    readProductName: { code: 0xd014, waitMs: 50, words: 3 },
    readSerialNumber: { code: 0xd033, waitMs: 50, words: 9 },
    readVersion: { code: 0xd100, waitMs: 20, words: 1 },
    /** Clears it too: what is there again next time is there still. */
    readStatus: { code: 0xd210, waitMs: 20, words: 2 },
    /** Whatever ran before, faults and settings are those of a sensor just switched on. */
    reset: { code: 0xd304, waitMs: 200, words: 0 },
  } as const satisfies Record<string, Command>,
  true,
);

const POLL: readonly Command[] = Object.freeze([
  COMMAND.readStatus,
  COMMAND.readDataReady,
  COMMAND.readValues,
]);

/**
 * Values of an answer to `readValues`. What the sensor does not know (0xFFFF, 0x7FFF) or what cannot be (humidity
 * beyond 0–100 %, an index beyond 1–500: while it learns, an index is 0) is absent.
 */
export const FIELDS: readonly Field[] = Object.freeze(
  [
    ["pm1", 10, 0, 0xfffe],
    ["pm2_5", 10, 0, 0xfffe],
    ["pm4", 10, 0, 0xfffe],
    ["pm10", 10, 0, 0xfffe],
    ["humidity", 100, 0, 10_000],
    ["temperature", 200, -0x8000, 0x7ffe],
    ["voc", 10, 10, 5000],
    ["nox", 10, 10, 5000],
  ] as const,
  true,
);

export type Sen5xStatus =
  /** The fan is on and stands still: blocked or broken. Particle values are worthless. */
  | "fan failure"
  /** Current of the laser out of range. Particle values are worthless. */
  | "laser failure"
  /** No talk with the humidity and temperature sensor. */
  | "humidity sensor failure"
  /** No talk with the gas sensor (VOC, NOx). */
  | "gas sensor failure"
  /** Fan speed out of range, as in great heat or cold while it starts, or with too little voltage. */
  | "fan speed out of range";

export const STATUS: StatusBits<Sen5xStatus> = Object.freeze(
  [
    [4, "fan failure", PARTICLES],
    [5, "laser failure", PARTICLES],
    [6, "humidity sensor failure", ["temperature", "humidity"]],
    [7, "gas sensor failure", ["voc", "nox"]],
    [21, "fan speed out of range", []],
  ] as const,
  true,
);

const READS = Object.freeze([[COMMAND.readValues, FIELDS]] as const, true);

export const SEN5X: ParticleTable = Object.freeze(
  {
    address: 0x69,
    traits: {
      family: "SEN5x",
      start: [
        COMMAND.reset,
        COMMAND.readProductName,
        COMMAND.readSerialNumber,
        COMMAND.readVersion,
        COMMAND.startMeasurement,
      ],
      poll: POLL,
      /** The sensor measures once a second; a reading is taken once a minute. */
      pollMs: 5_000,
      /** Start-up time of particle values in clean air (data sheet, 2.1: 50–100 particles a cm³). */
      warmUpMs: 30_000,
    },
    commands: COMMAND,
    models: {
      SEN50: { model: "SEN50", poll: POLL, reads: READS },
      SEN54: { model: "SEN54", poll: POLL, reads: READS },
      SEN55: { model: "SEN55", poll: POLL, reads: READS },
    },
    status: STATUS,
  },
  true,
);
