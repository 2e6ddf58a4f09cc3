import type { Measurement } from "../../telemetry/reading";
import { type Command, command, type Next, type Traits } from "../polled-sensor";
import { type SensirionOptions, SensirionSensor } from "../sensirion/sensirion-sensor";
import { parseSerial, unsigned } from "../sensirion/words";
import type { Sensor } from "../sensor";

// After Sensirion/embedded-i2c-sgp41 (c9a981e: sgp41_i2c.c, sgp41_i2c.h).
const ADDRESS = 0x59;
/** Heats the pixel of NOx otherwise than in use. Longer than 10 s it harms it. */
const CONDITION = command(0x2612, 50, 1);
const MEASURE = command(0x2619, 50, 2);
const TEST_SELF = command(0x280e, 320, 1);
const READ_SERIAL_NUMBER = command(0x3682, 1, 3);
/** The air that it takes for granted where it is told none: 50 %, 25 °C. */
export const DEFAULT_AIR: readonly number[] = Object.freeze([0x8000, 0x6666]);

const TRAITS: Traits = Object.freeze(
  {
    family: "SGP41",
    start: [READ_SERIAL_NUMBER, TEST_SELF],
    poll: [CONDITION, MEASURE],
    pollMs: 1_000,
    /** Of conditioning: nine times, once a second. */
    warmUpMs: 9_500,
  },
  true,
);

export interface Sgp41Options extends SensirionOptions {
  /** Measures temperature and humidity beside it, which its raw signals depend on. */
  readonly climate?: Pick<Sensor, "sample">;
}

/**
 * Sensirion SGP41 on I²C: raw signals of VOC and NOx. No index: Sensirion's algorithm for it is not part of this
 * firmware (docs/sensors.md).
 */
export class Sgp41 extends SensirionSensor {
  #climate: Sgp41Options["climate"];

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: Sgp41Options) {
    super(options, ADDRESS, TRAITS);
    this.#climate = options.climate;
  }

  protected override words(command: Command): readonly number[] | undefined {
    if (command === CONDITION) return this.isWarm ? undefined : DEFAULT_AIR;
    if (command !== MEASURE) return super.words(command);
    if (!this.isWarm) return undefined;
    const { humidity, temperature } = this.#climate?.sample() ?? {};
    return humidity === undefined || temperature === undefined
      ? DEFAULT_AIR
      : formatAir(humidity, temperature);
  }

  protected override take(command: Command, data: Uint8Array): Next {
    if (command === READ_SERIAL_NUMBER) this.serialNumber = parseSerial(data);
    // A bit for each pixel that failed; the upper byte means nothing.
    if (command === TEST_SELF && data[1]! & 0x0f) return "sensor failure";
    if (command === MEASURE) {
      // Ticks, by the logarithm of the resistance.
      const values: Measurement = { vocRaw: unsigned(data, 0), noxRaw: unsigned(data, 2) };
      this.keep(values);
    }
    return undefined;
  }
}

/** Humidity in % and temperature in °C as it wants to be told them. */
export function formatAir(humidity: number, temperature: number): readonly number[] {
  return [ticks(humidity / 100), ticks((temperature + 45) / 175)];
}

function ticks(part: number): number {
  return Math.round(Math.min(1, Math.max(0, part)) * 0xffff);
}
