import type { Command } from "../polled-sensor";
import type { Field } from "../sensirion/words";

/** What the Sensirion SGP41 says on I²C. After Sensirion/embedded-i2c-sgp41 (c9a981e: sgp41_i2c.c, sgp41_i2c.h). */
export const SGP41_ADDRESS = 0x59;

export const COMMAND = Object.freeze(
  {
    /** Heats the pixel of NOx otherwise than in use. Longer than 10 s it harms it. */
    condition: { code: 0x2612, waitMs: 50, words: 1 },
    measure: { code: 0x2619, waitMs: 50, words: 2 },
    testSelf: { code: 0x280e, waitMs: 320, words: 1 },
    readSerialNumber: { code: 0x3682, waitMs: 1, words: 3 },
  } as const satisfies Record<string, Command>,
  true,
);

/** Ticks, by the logarithm of the resistance. */
export const FIELDS: readonly Field[] = Object.freeze(
  [
    ["vocRaw", 1, 0, 0xffff],
    ["noxRaw", 1, 0, 0xffff],
  ] as const,
  true,
);

/** The air that it takes for granted where it is told none: 50 %, 25 °C. */
export const DEFAULT_AIR: readonly number[] = Object.freeze([0x8000, 0x6666]);

/** Humidity in % and temperature in °C as it wants to be told them. */
export function formatAir(humidity: number, temperature: number): readonly number[] {
  return [ticks(humidity / 100), ticks((temperature + 45) / 175)];
}

function ticks(part: number): number {
  return Math.round(Math.min(1, Math.max(0, part)) * 0xffff);
}
