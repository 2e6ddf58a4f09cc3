import type { ParticleModel, ParticleTable } from "../particles/particle-sensor";
import type { Command } from "../polled-sensor";
import { type Field, PARTICLES, type StatusBits } from "../sensirion/words";

// What the Sensirion SEN63C, SEN65, SEN66 and SEN68 say on I²C. After Sensirion's embedded-i2c-sen63c (fc03581),
// -sen65 (848dd99), -sen66 (85c2c90) and -sen68 (895465f).

export const COMMAND = Object.freeze(
  {
    startMeasurement: { code: 0x0021, waitMs: 50, words: 0 },
    stopMeasurement: { code: 0x0104, waitMs: 1000, words: 0 },
    readDataReady: { code: 0x0202, waitMs: 20, words: 1 },
    readNumbers: { code: 0x0316, waitMs: 20, words: 5 },
    recalibrate: { code: 0x6707, waitMs: 500, words: 1 },
    setSelfCalibration: { code: 0x6711, waitMs: 20, words: 0 },
    setAltitude: { code: 0x6736, waitMs: 20, words: 0 },
    readProductName: { code: 0xd014, waitMs: 20, words: 4 },
    readSerialNumber: { code: 0xd033, waitMs: 20, words: 9 },
    readVersion: { code: 0xd100, waitMs: 20, words: 1 },
    /** Clears it too: what is there again next time is there still. */
    readStatus: { code: 0xd210, waitMs: 20, words: 2 },
    reset: { code: 0xd304, waitMs: 1200, words: 0 },
  } as const satisfies Record<string, Command>,
  true,
);

/** Unknown is 0xFFFF, where it has a sign 0x7FFF; an index is 0 while it learns. */
const AIR: readonly Field[] = Object.freeze(
  [
    ["pm1", 10, 0, 0xfffe],
    ["pm2_5", 10, 0, 0xfffe],
    ["pm4", 10, 0, 0xfffe],
    ["pm10", 10, 0, 0xfffe],
    ["humidity", 100, 0, 10_000],
    ["temperature", 200, -0x8000, 0x7ffe],
  ] as const,
  true,
);
const GASES: readonly Field[] = Object.freeze(
  [
    ["voc", 10, 10, 5000],
    ["nox", 10, 10, 5000],
  ] as const,
  true,
);
/** ppm; 0 is none. */
const CO2: Field = Object.freeze(["co2", 1, 1, 0xfffe] as const);
/** Tenths of a ppb (data sheet, 4.8.13). The header of Sensirion's driver has "ppm": the range is 0 to 1000 ppb. */
const HCHO: Field = Object.freeze(["hcho", 10, 0, 0xfffe] as const);
/** Particles a cm³. */
const NUMBERS: readonly Field[] = Object.freeze(
  [
    ["nc0_5", 10, 0, 0xfffe],
    ["nc1", 10, 0, 0xfffe],
    ["nc2_5", 10, 0, 0xfffe],
    ["nc4", 10, 0, 0xfffe],
    ["nc10", 10, 0, 0xfffe],
  ] as const,
  true,
);

function model(name: string, code: number, fields: readonly Field[]): ParticleModel {
  const readValues = { code, waitMs: 20, words: fields.length };
  return {
    model: name,
    poll: [COMMAND.readStatus, COMMAND.readDataReady, readValues, COMMAND.readNumbers],
    reads: [
      [readValues, fields],
      [COMMAND.readNumbers, NUMBERS],
    ],
  };
}

export const MODELS: { readonly [productName: string]: ParticleModel } = Object.freeze(
  {
    SEN63C: model("SEN63C", 0x0471, [...AIR, CO2]),
    SEN65: model("SEN65", 0x0446, [...AIR, ...GASES]),
    SEN66: model("SEN66", 0x0300, [...AIR, ...GASES, CO2]),
    SEN68: model("SEN68", 0x0467, [...AIR, ...GASES, HCHO]),
  },
  true,
);

/** Models with a CO₂ sensor: the others do not know its commands. */
export const WITH_CO2: readonly string[] = Object.freeze(["SEN63C", "SEN66"]);

export type Sen6xStatus =
  /** The fan is on and stands still: blocked or broken. Particle values are worthless. */
  | "fan failure"
  /** Of laser or light. Particle values are worthless. */
  | "particle sensor failure"
  /** No talk with the humidity and temperature sensor. */
  | "humidity sensor failure"
  /** No talk with the gas sensor (VOC, NOx). */
  | "gas sensor failure"
  | "CO2 sensor failure"
  | "formaldehyde sensor failure"
  /** Fan speed out of range, as in great heat or cold while it starts, or with too little voltage. */
  | "fan speed out of range";

export const STATUS: StatusBits<Sen6xStatus> = Object.freeze(
  [
    [4, "fan failure", PARTICLES],
    [11, "particle sensor failure", PARTICLES],
    [6, "humidity sensor failure", ["temperature", "humidity"]],
    [7, "gas sensor failure", ["voc", "nox"]],
    /** Of a SEN66, and of a SEN63C. */
    [9, "CO2 sensor failure", ["co2"]],
    [12, "CO2 sensor failure", ["co2"]],
    [10, "formaldehyde sensor failure", ["hcho"]],
    [21, "fan speed out of range", []],
  ] as const,
  true,
);

export const SEN6X: ParticleTable = Object.freeze(
  {
    address: 0x6b,
    traits: {
      family: "SEN6x",
      start: [
        COMMAND.reset,
        COMMAND.readProductName,
        COMMAND.readSerialNumber,
        COMMAND.readVersion,
        COMMAND.setAltitude,
        COMMAND.setSelfCalibration,
        COMMAND.startMeasurement,
      ],
      poll: [],
      calibrate: [COMMAND.stopMeasurement, COMMAND.recalibrate, COMMAND.startMeasurement],
      /** The sensor measures once a second; a reading is taken once a minute. */
      pollMs: 5_000,
      /** Start-up time of particle values in clean air (data sheet, 2.1). */
      warmUpMs: 30_000,
    },
    commands: COMMAND,
    models: MODELS,
    status: STATUS,
  },
  true,
);
