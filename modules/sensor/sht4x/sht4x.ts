import type { Measurement } from "../../telemetry/reading";
import type { Command, Next, Traits } from "../polled-sensor";
import { type SensirionOptions, SensirionSensor } from "../sensirion/sensirion-sensor";
import { parseFields, parseSerial } from "../sensirion/words";
import { COMMAND, FIELDS, SHT4X_ADDRESS } from "./sht4x-protocol";

const TRAITS: Traits = Object.freeze(
  {
    family: "SHT4x",
    start: [COMMAND.reset, COMMAND.readSerialNumber],
    poll: [COMMAND.measure],
    pollMs: 5_000,
    warmUpMs: 0,
  },
  true,
);

/** Sensirion SHT40, SHT41 or SHT45 on I²C: temperature and humidity. Which of them it is, none of them tells. */
export class Sht4x extends SensirionSensor {
  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: SensirionOptions) {
    super(options, SHT4X_ADDRESS, TRAITS);
  }

  protected override take(command: Command, data: Uint8Array): Next {
    if (command === COMMAND.readSerialNumber) this.serialNumber = parseSerial(data);
    if (command === COMMAND.measure) {
      const values: Measurement = {};
      parseFields(data, FIELDS, values);
      // By the data sheet (4.6): what lies beyond is physically impossible, and to be cut.
      values.humidity = Math.min(100, Math.max(0, values.humidity!));
      this.keep(values);
    }
    return undefined;
  }
}
