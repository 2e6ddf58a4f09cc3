import type { Measurement } from "../../telemetry/reading";
import { putNumbers } from "../particle-numbers/particle-numbers";
import { ParticleSensor } from "../particles/particle-sensor";
import { putMass } from "../particles/particle-values";
import { type Command, command, type Next, type Traits } from "../polled-sensor";
import type { SensirionOptions } from "../sensirion/sensirion-sensor";
import { put, unsigned } from "../sensirion/words";

// After Sensirion/embedded-i2c-sps30 (3544cbf: sps30_i2c.c); where the driver waits for nothing, 5 ms are ours. Whole
// numbers are asked for: ten floats are 60 bytes, 5.5 ms at 100 kHz.
const ADDRESS = 0x69;
const PRODUCT_TYPE = "00080000";
/** The status register is in firmware 2.2 and later. */
const STATUS_SINCE = 0x0202;
const READ_VERSION = command(0xd100, 5, 1);
const READ_STATUS = command(0xd206, 5, 2);
/** What is there again next time is there still. */
const CLEAR_STATUS = command(0xd210, 5);
const START = command(0x0010, 20);
export const WHOLE_NUMBERS: readonly number[] = Object.freeze([0x0500]);

const TRAITS: Traits = Object.freeze(
  {
    family: "SPS30",
    /** Reset; product type, serial number, version. */
    start: [command(0xd304, 100), command(0xd002, 5, 4), command(0xd033, 5, 9), READ_VERSION, START],
    poll: [READ_STATUS, CLEAR_STATUS, command(0x0202, 5, 1), command(0x0300, 5, 10)],
    pollMs: 5_000,
    /** Start-up time in clean air (data sheet, 1.1: 30 s at 50–100 particles a cm³). */
    warmUpMs: 30_000,
  },
  true,
);

/** Sensirion SPS30 on I²C: particles by mass and by number, and their typical size. */
export class Sps30 extends ParticleSensor {
  #tellsStatus = false;

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: SensirionOptions) {
    super(options, ADDRESS, TRAITS);
  }

  protected override modelOf(name: string): string | undefined {
    return name === PRODUCT_TYPE ? "SPS30" : undefined;
  }

  protected override words(command: Command): readonly number[] | undefined {
    if (command === START) return WHOLE_NUMBERS;
    const isStatus = command === READ_STATUS || command === CLEAR_STATUS;
    return isStatus && !this.#tellsStatus ? undefined : super.words(command);
  }

  protected override take(command: Command, data: Uint8Array): Next {
    if (command === READ_VERSION) this.#tellsStatus = unsigned(data, 0) >= STATUS_SINCE;
    return super.take(command, data);
  }

  /** µg/m³, particles a cm³, nm. */
  protected override parse(_code: number, data: Uint8Array, values: Measurement, flags: number): boolean {
    putMass(values, data, 1, flags);
    if (values.pm2_5 !== undefined) {
      putNumbers(values, data, 8, 1);
      put(values, "particleSize", unsigned(data, 18), 1000, 0xfffe);
    }
    return true;
  }
}
