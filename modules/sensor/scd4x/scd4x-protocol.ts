import type { Command } from "../polled-sensor";
import type { Field } from "../sensirion/words";

/**
 * What the Sensirion SCD40, SCD41 and SCD43 say on I²C. After Sensirion/embedded-i2c-scd4x (743390b: scd4x_i2c.c,
 * scd4x_i2c.h). The 5 ms of the start are ours: the driver waits for nothing there.
 */
export const SCD4X_ADDRESS = 0x62;

/** Top four bits of the variant. An SCD42 (2) was never sold. */
export const SCD4X_MODELS: { readonly [variant: number]: string } = Object.freeze({
  0: "SCD40",
  1: "SCD41",
  5: "SCD43",
});

export const COMMAND = Object.freeze(
  {
    start: { code: 0x21b1, waitMs: 5, words: 0 },
    setSelfCalibration: { code: 0x2416, waitMs: 1, words: 0 },
    setAltitude: { code: 0x2427, waitMs: 1, words: 0 },
    readVariant: { code: 0x202f, waitMs: 1, words: 1 },
    recalibrate: { code: 0x362f, waitMs: 400, words: 1 },
    readSerialNumber: { code: 0x3682, waitMs: 1, words: 3 },
    stop: { code: 0x3f86, waitMs: 500, words: 0 },
    readDataReady: { code: 0xe4b8, waitMs: 1, words: 1 },
    readMeasurement: { code: 0xec05, waitMs: 1, words: 3 },
  } as const satisfies Record<string, Command>,
  true,
);

/**
 * Values of an answer to `readMeasurement`: CO₂ in ppm up to 40,000, then ticks of temperature (−45 °C + 175 °C · ticks
 * / 65,535) and humidity (100 % · ticks / 65,535). A CO₂ of 0 is none.
 */
export const FIELDS: readonly Field[] = Object.freeze(
  [
    ["co2", 1, 1, 40_000],
    ["temperature", 65_535 / 175, 0, 0xffff, -45],
    ["humidity", 655.35, 0, 0xffff],
  ] as const,
  true,
);
