import type { Measurement } from "../../telemetry/reading";
import type { Command, Next, Traits } from "../polled-sensor";
import { type SensirionOptions, SensirionSensor } from "../sensirion/sensirion-sensor";
import { parseFields, parseSerial } from "../sensirion/words";
import type { Sensor } from "../sensor";
import { COMMAND, DEFAULT_AIR, FIELDS, formatAir, SGP41_ADDRESS } from "./sgp41-protocol";

const TRAITS: Traits = Object.freeze(
  {
    family: "SGP41",
    start: [COMMAND.readSerialNumber, COMMAND.testSelf],
    poll: [COMMAND.condition, COMMAND.measure],
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
    super(options, SGP41_ADDRESS, TRAITS);
    this.#climate = options.climate;
  }

  protected override words(command: Command): readonly number[] | undefined {
    if (command === COMMAND.condition) return this.isWarm ? undefined : DEFAULT_AIR;
    if (command !== COMMAND.measure) return super.words(command);
    if (!this.isWarm) return undefined;
    const { humidity, temperature } = this.#climate?.sample() ?? {};
    return humidity === undefined || temperature === undefined
      ? DEFAULT_AIR
      : formatAir(humidity, temperature);
  }

  protected override take(command: Command, data: Uint8Array): Next {
    if (command === COMMAND.readSerialNumber) this.serialNumber = parseSerial(data);
    // A bit for each pixel that failed; the upper byte means nothing.
    if (command === COMMAND.testSelf && data[1]! & 0x0f) return "sensor failure";
    if (command === COMMAND.measure) {
      const values: Measurement = {};
      parseFields(data, FIELDS, values);
      this.keep(values);
    }
    return undefined;
  }
}
