import { command } from "../polled-sensor";
import { READ_HOLDING, READ_INPUT, WRITE } from "./modbus";

// What the Senseair S8 says. After Senseair's "Modbus on Senseair S8" (TDE2067) and airgradienthq/arduino (2fd53ac:
// src/S8/S8.cpp, S8.h). A code is function and register. It answers within 180 ms; a request is 8 bytes, the longest
// answer 13: 22 ms of the line.
const ANSWER_MS = 250;

/** Meter status, alarm status, output status, CO₂: input registers 1 to 4. */
export const READ_VALUES = command((READ_INPUT << 8) | 0x00, ANSWER_MS, 4);
/** Firmware, and the serial number in two registers: input registers 29 to 31. */
export const READ_IDENTITY = command((READ_INPUT << 8) | 0x1c, ANSWER_MS, 3);
/** Acknowledgements: what was calibrated since they were cleared. */
export const READ_ACKNOWLEDGED = command((READ_HOLDING << 8) | 0x00, ANSWER_MS, 1);
export const CLEAR_ACKNOWLEDGED = command((WRITE << 8) | 0x00, ANSWER_MS, 1);
/** Takes the air of the next measurements for fresh; two of its cycles of 2 s, and one to be sure. */
export const CALIBRATE = command((WRITE << 8) | 0x01, 6_000, 1);
/** Period of its automatic baseline correction, hours; 0: off. */
export const READ_PERIOD = command((READ_HOLDING << 8) | 0x1f, ANSWER_MS, 1);
export const WRITE_PERIOD = command((WRITE << 8) | 0x1f, ANSWER_MS, 1);

/** Argument of `CALIBRATE`: "CO₂ background calibration". */
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

/** What an answer to `READ_VALUES` says of the sensor itself: bits of the meter status, the worst first. */
export function parseStatus(data: Uint8Array): S8Status | undefined {
  const status = data[1]!;
  // Fatal error, self-diagnostics, memory.
  if (status & (0x01 | 0x10 | 0x40)) return "sensor failure";
  // Offset regulation, algorithm, output.
  if (status & (0x02 | 0x04 | 0x08)) return "measurement error";
  return status & 0x20 ? "out of range" : undefined;
}

/** ppm; `undefined`: none yet, or none that can be. */
export function parseCo2(data: Uint8Array): number | undefined {
  const co2 = (data[6]! << 8) | data[7]!;
  return co2 > 0 && co2 <= 10_000 ? co2 : undefined;
}
