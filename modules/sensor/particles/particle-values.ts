import type { Measurement } from "../../telemetry/reading";
import { put, signed, unsigned } from "../sensirion/words";

/** Bits of the status register, the same in SEN5x, SEN6x and SPS30; a bit that a sensor has not is 0. */
export const FAN = 1 << 4;
const LASER = 1 << 5;
const HUMIDITY = 1 << 6;
const GAS = 1 << 7;
/** Of a SEN66, and of a SEN63C. */
export const CO2 = (1 << 9) | (1 << 12);
export const FORMALDEHYDE = 1 << 10;
const PARTICLES = 1 << 11;
const FAN_SPEED = 1 << 21;

export type ParticleStatus =
  /** The fan is on and stands still: blocked or broken. Particle values are worthless. */
  | "fan failure"
  /** Current of the laser out of range. Particle values are worthless. */
  | "laser failure"
  /** SEN6x: of laser or light. Particle values are worthless. */
  | "particle sensor failure"
  /** No talk with the humidity and temperature sensor. */
  | "humidity sensor failure"
  /** No talk with the gas sensor (VOC, NOx). */
  | "gas sensor failure"
  | "CO2 sensor failure"
  | "formaldehyde sensor failure"
  /** Fan speed out of range, as in great heat or cold while it starts, or with too little voltage. */
  | "fan speed out of range";

/** The worst that the register tells of. */
export function parseStatus(flags: number): ParticleStatus | undefined {
  if (flags & FAN) return "fan failure";
  if (flags & LASER) return "laser failure";
  if (flags & PARTICLES) return "particle sensor failure";
  if (flags & HUMIDITY) return "humidity sensor failure";
  if (flags & GAS) return "gas sensor failure";
  if (flags & CO2) return "CO2 sensor failure";
  if (flags & FORMALDEHYDE) return "formaldehyde sensor failure";
  if (flags & FAN_SPEED) return "fan speed out of range";
  return undefined;
}

/** PM1, PM2.5, PM4, PM10 from `data`'s beginning, `scale` times µg/m³; none where the status makes them worthless. */
export function putMass(values: Measurement, data: Uint8Array, scale: number, flags: number): void {
  if (flags & (FAN | LASER | PARTICLES)) return;
  put(values, "pm1", unsigned(data, 0), scale, 0xfffe);
  put(values, "pm2_5", unsigned(data, 2), scale, 0xfffe);
  put(values, "pm4", unsigned(data, 4), scale, 0xfffe);
  put(values, "pm10", unsigned(data, 6), scale, 0xfffe);
}

/**
 * What answers of SEN5x and SEN6x begin with. What the sensor does not know (0xFFFF, 0x7FFF) or what cannot be (humidity
 * beyond 0–100 %) is absent.
 */
export function putAir(values: Measurement, data: Uint8Array, flags: number): void {
  putMass(values, data, 10, flags);
  if (flags & HUMIDITY) return;
  put(values, "humidity", signed(data, 8), 100, 10_000);
  put(values, "temperature", signed(data, 10), 200, 0x7ffe, -0x8000);
}

/** VOC and NOx behind it: 1 to 500; while it learns, an index is 0, which is none. */
export function putIndices(values: Measurement, data: Uint8Array, flags: number): void {
  if (flags & GAS) return;
  put(values, "voc", signed(data, 12), 10, 5000, 10);
  put(values, "nox", signed(data, 14), 10, 5000, 10);
}
