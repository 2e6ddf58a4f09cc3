import type { Logger } from "../../base/logger";
import { type Command, codeOf, PolledSensor, type Traits, wordsOf } from "../polled-sensor";
import { formatCommand, MAX_WORDS, parseWords } from "./words";

/** The part of ECMA-419's I2C that is used. Both throw where the sensor does not acknowledge. */
export interface I2cDevice {
  write(bytes: Uint8Array): void;
  /** Fills `bytes`. */
  read(bytes: Uint8Array): unknown;
  /** Optional, because the SDK's typings of it leave it out. */
  close?(): void;
}

export interface I2cOptions {
  readonly data: number;
  readonly clock: number;
  readonly port?: number;
  readonly hz: number;
  readonly address: number;
  /** Longest wait of a call, ms (modules/io/i2c/esp32/_i2c.c). */
  readonly timeout: number;
}

export interface SensirionOptions {
  /** The bus, in the manner of ECMA-419: its class and its pins. Several sensors may be on the same pins. */
  readonly sensor: {
    readonly io: new (options: I2cOptions) => I2cDevice;
    readonly data: number;
    readonly clock: number;
    readonly port?: number;
  };
  readonly log: Logger;
}

/** Standard mode: what all of them know. */
const BUS_HZ = 100_000;
/** The longest answer takes 3 ms (words.ts); a bus that hangs must not hold up the LED. */
const BUS_TIMEOUT_MS = 5;

/** A sensor of Sensirion's on I²C. A call on the bus takes 3 ms, 5 ms when it hangs. */
export abstract class SensirionSensor extends PolledSensor {
  #io: I2cDevice;
  #answer = new Uint8Array(3 * MAX_WORDS);

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: SensirionOptions, address: number, traits: Traits) {
    super(options.log, traits);
    const { io: Bus, ...pins } = options.sensor;
    this.#io = new Bus({ ...pins, hz: BUS_HZ, address, timeout: BUS_TIMEOUT_MS });
  }

  protected override send(command: Command, words: readonly number[]): void {
    this.write(formatCommand(codeOf(command), words));
  }

  protected write(bytes: Uint8Array): void {
    this.#io.write(bytes);
  }

  protected override receive(command: Command): Uint8Array {
    const answer = this.#answer.subarray(0, 3 * wordsOf(command));
    this.#io.read(answer);
    const data = parseWords(answer);
    if (!data) throw new Error("wrong CRC");
    return data;
  }

  protected override closeBus(): void {
    this.#io.close?.();
  }
}
