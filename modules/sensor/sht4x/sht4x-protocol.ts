import type { Command } from "../polled-sensor";
import type { Field } from "../sensirion/words";

/**
 * What the Sensirion SHT40, SHT41 and SHT45 say on I²C: commands of one byte. After Sensirion/embedded-i2c-sht4x
 * (53b1b8b: sht4x_i2c.c).
 */
export const SHT4X_ADDRESS = 0x44;

export const COMMAND = Object.freeze(
  {
    readSerialNumber: { code: -0x89, waitMs: 10, words: 2 },
    reset: { code: -0x94, waitMs: 10, words: 0 },
    /** With high precision. */
    measure: { code: -0xfd, waitMs: 10, words: 2 },
  } as const satisfies Record<string, Command>,
  true,
);

/** Ticks: −45 °C + 175 °C · ticks / 65,535; −6 % + 125 % · ticks / 65,535. */
export const FIELDS: readonly Field[] = Object.freeze(
  [
    ["temperature", 65_535 / 175, 0, 0xffff, -45],
    ["humidity", 65_535 / 125, 0, 0xffff, -6],
  ] as const,
  true,
);
