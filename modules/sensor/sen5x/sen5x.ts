import { ParticleSensor } from "../particles/particle-sensor";
import type { SensirionOptions } from "../sensirion/sensirion-sensor";
import { SEN5X } from "./sen5x-protocol";

/** Sensirion SEN50, SEN54 or SEN55 on I²C: particles, and by model temperature, humidity, VOC and NOx index. */
export class Sen5x extends ParticleSensor {
  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: SensirionOptions) {
    super(options, SEN5X);
  }
}
