import type { Measurement } from "../../telemetry/reading";
import { ParticleSensor } from "../particles/particle-sensor";
import { putAir, putIndices } from "../particles/particle-values";
import { command, type Traits } from "../polled-sensor";
import type { SensirionOptions } from "../sensirion/sensirion-sensor";

// After Sensirion's drivers embedded-i2c-sen5x (8903350: sen5x_i2c.c, sen5x_i2c.h) and python-i2c-sen5x (85aee9b:
// response_types.py, tests/response_types). Where the two name different times, the longer one. Names have up to 32
// characters; these have five, and a serial number sixteen.
const ADDRESS = 0x69;
const TRAITS: Traits = Object.freeze(
  {
    family: "SEN5x",
    start: [
      /** Reset: whatever ran before, faults and settings are those of a sensor just switched on. */
      command(0xd304, 200),
      /** Product name, serial number, version. */
      command(0xd014, 50, 3),
      command(0xd033, 50, 9),
      command(0xd100, 20, 1),
      /** Start of measurement. */
      command(0x0021, 50),
    ],
    poll: [
      /** Status, which that clears: what is there again next time is there still. */
      command(0xd210, 20, 2),
      /** Whether there is something new, and what. */
      command(0x0202, 20, 1),
      command(0x03c4, 20, 8),
    ],
    /** The sensor measures once a second; a reading is taken once a minute. */
    pollMs: 5_000,
    /** Start-up time of particle values in clean air (data sheet, 2.1: 50–100 particles a cm³). */
    warmUpMs: 30_000,
  },
  true,
);

/** Sensirion SEN50, SEN54 or SEN55 on I²C: particles, and by model temperature, humidity, VOC and NOx index. */
export class Sen5x extends ParticleSensor {
  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: SensirionOptions) {
    super(options, ADDRESS, TRAITS);
  }

  protected override modelOf(name: string): string | undefined {
    return name === "SEN50" || name === "SEN54" || name === "SEN55" ? name : undefined;
  }

  protected override parse(_code: number, data: Uint8Array, values: Measurement, flags: number): boolean {
    putAir(values, data, flags);
    putIndices(values, data, flags);
    return true;
  }
}
