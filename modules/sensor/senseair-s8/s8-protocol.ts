import type { Command } from "../polled-sensor";
import { READ_HOLDING, READ_INPUT, WRITE } from "./modbus";

/**
 * What the Senseair S8 says. After Senseair's "Modbus on Senseair S8" (TDE2067) and airgradienthq/arduino (2fd53ac:
 * src/S8/S8.cpp, S8.h). `code`: function and register.
 *
 * It answers within 180 ms; a request is 8 bytes, the longest answer 13: 22 ms of the line.
 */
const ANSWER_MS = 250;

export const COMMAND = Object.freeze(
  {
    /** Meter status, alarm status, output status, CO₂: input registers 1 to 4. */
    readValues: { code: (READ_INPUT << 16) | 0x00, waitMs: ANSWER_MS, words: 4 },
    /** Firmware, and the serial number in two registers: input registers 29 to 31. */
    readIdentity: { code: (READ_INPUT << 16) | 0x1c, waitMs: ANSWER_MS, words: 3 },
    /** Acknowledgements: what was calibrated since they were cleared. */
    readAcknowledged: { code: (READ_HOLDING << 16) | 0x00, waitMs: ANSWER_MS, words: 1 },
    clearAcknowledged: { code: (WRITE << 16) | 0x00, waitMs: ANSWER_MS, words: 1 },
    /** Takes the air of the next measurements for fresh; two of its cycles of 2 s, and one to be sure. */
    calibrate: { code: (WRITE << 16) | 0x01, waitMs: 6_000, words: 1 },
    /** Period of its automatic baseline correction, hours; 0: off. */
    readPeriod: { code: (READ_HOLDING << 16) | 0x1f, waitMs: ANSWER_MS, words: 1 },
    writePeriod: { code: (WRITE << 16) | 0x1f, waitMs: ANSWER_MS, words: 1 },
  } as const satisfies Record<string, Command>,
  true,
);

/** Argument of `calibrate`: "CO₂ background calibration". */
export const BACKGROUND = 0x7c06;
/** Bit of the acknowledgements: it was done. */
export const BACKGROUND_DONE = 0x20;
/** Its factory's period: 7.5 days. */
export const PERIOD_HOURS = 180;

export type S8Status =
  /** Of its own: it has to be sent in. */
  | "sensor failure"
  /** Something in the way of light or power: values are worthless until it is over. */
  | "measurement error"
  /** More CO₂ than it measures (10,000 ppm), or a calibration in wrong air. */
  | "out of range";

/** Bits of the meter status, the worst first. */
const STATUS: readonly (readonly [mask: number, status: S8Status])[] = Object.freeze(
  [
    /** Fatal error, self-diagnostics, memory. */
    [0x01 | 0x10 | 0x40, "sensor failure"],
    /** Offset regulation, algorithm, output. */
    [0x02 | 0x04 | 0x08, "measurement error"],
    [0x20, "out of range"],
  ] as const,
  true,
);

/** What an answer to `readValues` says of the sensor itself. */
export function parseStatus(data: Uint8Array): S8Status | undefined {
  const status = data[1]!;
  return STATUS.find(([mask]) => status & mask)?.[1];
}

/** ppm; `undefined`: none yet, or none that can be. */
export function parseCo2(data: Uint8Array): number | undefined {
  const co2 = (data[6]! << 8) | data[7]!;
  return co2 > 0 && co2 <= 10_000 ? co2 : undefined;
}
