import type { Measurement } from "../../telemetry/reading";

/**
 * What the Plantower PMS5003, PMS7003 and PMS5003T say on their serial line: by itself, every 0.2 to 2.3 s, a frame of
 * 32 bytes, "BM", its length, thirteen numbers, big-endian, and the sum of all bytes before it. After Plantower's
 * manuals (PMS5003 series V2.3, PMS7003 series V2.5, PMS5003T), airgradienthq/arduino (2fd53ac: src/PMS/PMS.cpp) and
 * fu-hsi/PMS (f73bb6b: src/PMS.cpp).
 */
export const FRAME_LENGTH = 32;
const START = Object.freeze([0x42, 0x4d, 0x00, FRAME_LENGTH - 4]);

export function formatCommand(code: number): Uint8Array {
  const bytes = Uint8Array.of(0x42, 0x4d, code >> 8, 0, code & 0xff, 0, 0);
  const sum = sumOf(bytes, 5);
  bytes[5] = sum >> 8;
  bytes[6] = sum;
  return bytes;
}

/**
 * Frames out of a stream that may begin anywhere, lose bytes and hold others. A byte that cannot be part of a frame
 * costs no more than the frame that it is in: what came after it is looked through again.
 */
export class PmsFramer {
  readonly #buffer = new Uint8Array(FRAME_LENGTH);
  #length = 0;

  /** Whether a byte ends a frame that is whole; it is in {@link frame} until the next byte. */
  feed(byte: number): boolean {
    const buffer = this.#buffer;
    if (this.#length === FRAME_LENGTH) this.drop(FRAME_LENGTH);
    buffer[this.#length++] = byte;
    if (this.#length < FRAME_LENGTH) {
      this.realign();
      return false;
    }
    if (isWhole(buffer)) return true;
    this.drop(1);
    this.realign();
    return false;
  }

  get frame(): Uint8Array {
    return this.#buffer;
  }

  /** Leaves out from the beginning what begins no frame. */
  private realign(): void {
    while (this.#length > 0 && !this.begins()) this.drop(1);
  }

  private begins(): boolean {
    for (let i = 0; i < START.length && i < this.#length; i++) {
      if (this.#buffer[i] !== START[i]) return false;
    }
    return true;
  }

  private drop(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}

function isWhole(frame: Uint8Array): boolean {
  return sumOf(frame, FRAME_LENGTH - 2) === wordAt(frame, FRAME_LENGTH - 2);
}

function sumOf(bytes: Uint8Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += bytes[i]!;
  return sum & 0xffff;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** What differs between the models: the last two numbers. */
export type PmsModel = "PMS5003" | "PMS7003" | "PMS5003T";

/** Particles above 0.3 µm in 0.1 l. */
export const countOf = (frame: Uint8Array): number => wordAt(frame, 16);
/** The maker's error code; 0: none. */
export const errorOf = (frame: Uint8Array): number => frame[29]!;
export const versionOf = (frame: Uint8Array): string => `${frame[28]!}`;
/** The sum of a frame, to tell it from another. */
export const sumIn = (frame: Uint8Array): number => wordAt(frame, FRAME_LENGTH - 2);

/**
 * The values of a frame: masses as the sensor has them for the atmosphere (not for its factory's dust, "CF=1").
 * Counts tell how many particles are above a size; here it is how many are from 0.3 µm up to it, a cm³.
 */
export function parseFrame(frame: Uint8Array, model: PmsModel): Measurement {
  const all = countOf(frame);
  const upTo = (at: number) => Math.max(0, all - wordAt(frame, at)) / 100;
  const values: Measurement = {
    pm1: wordAt(frame, 10),
    pm2_5: wordAt(frame, 12),
    pm10: wordAt(frame, 14),
    nc0_5: upTo(18),
    nc1: upTo(20),
    nc2_5: upTo(22),
  };
  if (model !== "PMS5003T") {
    values.nc10 = upTo(26);
    return values;
  }
  const humidity = wordAt(frame, 26) / 10;
  values.temperature = ((wordAt(frame, 24) << 16) >> 16) / 10;
  if (humidity <= 100) values.humidity = humidity;
  return values;
}
