import type { ParticleTable } from "../particles/particle-sensor";
import type { Command } from "../polled-sensor";
import { type Field, PARTICLES, type StatusBits } from "../sensirion/words";

// What the Sensirion SPS30 says on I²C. After Sensirion/embedded-i2c-sps30 (3544cbf: sps30_i2c.c). Whole numbers are
// asked for: ten floats are 60 bytes, 5.5 ms at 100 kHz.

/** The status register is in firmware 2.2 and later. */
export const STATUS_SINCE = 0x0202;
/** Argument of `startMeasurement`: whole numbers. */
export const WHOLE_NUMBERS: readonly number[] = Object.freeze([0x0500]);

// Where the driver waits for nothing, 5 ms are ours.
export const COMMAND = Object.freeze(
  {
    startMeasurement: { code: 0x0010, waitMs: 20, words: 0 },
    readDataReady: { code: 0x0202, waitMs: 5, words: 1 },
    readValues: { code: 0x0300, waitMs: 5, words: 10 },
    readProductName: { code: 0xd002, waitMs: 5, words: 4 },
    readSerialNumber: { code: 0xd033, waitMs: 5, words: 9 },
    readVersion: { code: 0xd100, waitMs: 5, words: 1 },
    readStatus: { code: 0xd206, waitMs: 5, words: 2 },
    clearStatus: { code: 0xd210, waitMs: 5, words: 0 },
    reset: { code: 0xd304, waitMs: 100, words: 0 },
  } as const satisfies Record<string, Command>,
  true,
);

const POLL: readonly Command[] = Object.freeze([
  COMMAND.readStatus,
  COMMAND.clearStatus,
  COMMAND.readDataReady,
  COMMAND.readValues,
]);

/** µg/m³, particles a cm³, nm. */
export const FIELDS: readonly Field[] = Object.freeze(
  [
    ["pm1", 1, 0, 0xfffe],
    ["pm2_5", 1, 0, 0xfffe],
    ["pm4", 1, 0, 0xfffe],
    ["pm10", 1, 0, 0xfffe],
    ["nc0_5", 1, 0, 0xfffe],
    ["nc1", 1, 0, 0xfffe],
    ["nc2_5", 1, 0, 0xfffe],
    ["nc4", 1, 0, 0xfffe],
    ["nc10", 1, 0, 0xfffe],
    ["particleSize", 1000, 0, 0xfffe],
  ] as const,
  true,
);

export type Sps30Status =
  /** The fan is on and stands still: blocked or broken. Particle values are worthless. */
  | "fan failure"
  /** Current of the laser out of range. Particle values are worthless. */
  | "laser failure"
  /** Fan speed out of range, as in great heat or cold while it starts, or with too little voltage. */
  | "fan speed out of range";

export const STATUS: StatusBits<Sps30Status> = Object.freeze(
  [
    [4, "fan failure", PARTICLES],
    [5, "laser failure", PARTICLES],
    [21, "fan speed out of range", []],
  ] as const,
  true,
);

export const SPS30: ParticleTable = Object.freeze(
  {
    address: 0x69,
    traits: {
      family: "SPS30",
      start: [
        COMMAND.reset,
        COMMAND.readProductName,
        COMMAND.readSerialNumber,
        COMMAND.readVersion,
        COMMAND.startMeasurement,
      ],
      poll: POLL,
      pollMs: 5_000,
      /** Start-up time in clean air (data sheet, 1.1: 30 s at 50–100 particles a cm³). */
      warmUpMs: 30_000,
    },
    commands: COMMAND,
    /** By its product type. */
    models: { "00080000": { model: "SPS30", poll: POLL, reads: [[COMMAND.readValues, FIELDS]] } },
    status: STATUS,
  },
  true,
);
