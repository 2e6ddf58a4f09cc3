import type { Measurement } from "../../telemetry/reading";
import { type Command, codeOf, command, type Next, type Traits } from "../polled-sensor";
import { type SensirionOptions, SensirionSensor } from "../sensirion/sensirion-sensor";
import { parseSerial, unsigned } from "../sensirion/words";

// After Sensirion/embedded-i2c-sht4x (53b1b8b: sht4x_i2c.c). Its commands are of one byte.
const ADDRESS = 0x44;
const READ_SERIAL_NUMBER = command(0x89, 10, 2);
const RESET = command(0x94, 10);
/** With high precision. */
const MEASURE = command(0xfd, 10, 2);

const TRAITS: Traits = Object.freeze(
  {
    family: "SHT4x",
    start: [RESET, READ_SERIAL_NUMBER],
    poll: [MEASURE],
    pollMs: 5_000,
    warmUpMs: 0,
  },
  true,
);

/** Sensirion SHT40, SHT41 or SHT45 on I²C: temperature and humidity. Which of them it is, none of them tells. */
export class Sht4x extends SensirionSensor {
  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: SensirionOptions) {
    super(options, ADDRESS, TRAITS);
  }

  protected override send(command: Command): void {
    this.write(Uint8Array.of(codeOf(command)));
  }

  protected override take(command: Command, data: Uint8Array): Next {
    if (command === READ_SERIAL_NUMBER) this.serialNumber = parseSerial(data);
    if (command === MEASURE) this.keep(parseValues(data));
    return undefined;
  }
}

/** −45 °C + 175 °C · ticks / 65,535; −6 % + 125 % · ticks / 65,535, where what is beyond 0–100 % is to be cut (4.6). */
export function parseValues(data: Uint8Array): Measurement {
  const humidity = (125 * unsigned(data, 2)) / 0xffff - 6;
  return {
    temperature: (175 * unsigned(data, 0)) / 0xffff - 45,
    humidity: Math.min(100, Math.max(0, humidity)),
  };
}
