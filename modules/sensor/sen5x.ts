import Time from "time";
import Timer from "timer";
import type { Logger } from "../base/logger";
import type { Measurement } from "../telemetry/reading";
import {
  COMMAND,
  formatCommand,
  MAX_ANSWER_LENGTH,
  parseAnswer,
  parseStatus,
  parseText,
  parseValues,
  parseVersion,
  SEN5X_ADDRESS,
  SEN5X_MODELS,
  type Sen5xCommand,
  type Sen5xStatus,
  SPOILED_BY,
} from "./sen5x-protocol";
import type { Sensor } from "./sensor";

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

export interface Sen5xOptions {
  /** The bus, in the manner of ECMA-419: its class and its pins. */
  readonly sensor: {
    readonly io: new (options: I2cOptions) => I2cDevice;
    readonly data: number;
    readonly clock: number;
    readonly port?: number;
  };
  readonly log: Logger;
}

/** Why there are no values, or not all of them. */
export type Sen5xFault =
  /** Nothing acknowledges at the address: not plugged in, SEL not grounded, no 5 V. */
  | "not found"
  /** It answered, and does no longer. */
  | "connection lost"
  /** It answers, and is neither SEN50, SEN54 nor SEN55. */
  | "unsupported model"
  | "starting"
  /** The fan has not run long enough for particle values. */
  | "warming up"
  /** It answers, and measures nothing. */
  | "no new values"
  | Sen5xStatus;

/** Standard mode, as the data sheet asks. */
const BUS_HZ = 100_000;
/** The longest answer takes 5 ms; a bus that hangs must not hold up the LED. */
const BUS_TIMEOUT_MS = 50;
/** The sensor measures once a second; a reading is taken once a minute. */
const POLL_MS = 5_000;
/** Start-up time of particle values in clean air (data sheet, 2.1: 50–100 particles a cm³). */
const WARM_UP_MS = 30_000;
/** A fan cleaning takes ten seconds without new values; this is beyond it. */
const STALE_MS = 30_000;
/** Polls in a row without an answer that mean more than a disturbance. */
const MAX_MISSES = 3;
const RETRY_MS = 60_000;
const NOTHING: readonly number[] = Object.freeze([]);

type State =
  /** No answer, or none that is understood; looked for again every minute. */
  | "absent"
  /** Reset, identification, configuration. */
  | "starting"
  /** It measures; its particle values do not count yet. */
  | "warming"
  | "measuring"
  | "closed";

/**
 * Sensirion SEN50, SEN54 or SEN55 on I²C.
 *
 * - Looks for the sensor at once, and every minute while it is not there; resets, identifies and starts it.
 * - Nothing blocks: between a command and its answer runs a timer. A call on the bus takes 5 ms at most.
 * - Values are polled every 5 s. `sample()` gives the latest that are not older than 30 s; those that are not known,
 *   or worthless by the sensor's own status, are absent.
 */
export class Sen5x implements Sensor {
  #log: Logger;
  #io: I2cDevice;
  #answer = new Uint8Array(MAX_ANSWER_LENGTH);
  #timer: Timer | undefined;
  #state: State = "starting";
  #absence: Sen5xFault = "not found";
  #misses = 0;
  #startedAt = 0;
  #values: Measurement | undefined;
  #valuesAt = 0;
  #status: Sen5xStatus[] = [];
  #model = "SEN5x";
  #serialNumber: string | undefined;
  #firmware: string | undefined;

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: Sen5xOptions) {
    const { io: Bus, ...pins } = options.sensor;
    this.#log = options.log;
    this.#io = new Bus({ ...pins, hz: BUS_HZ, address: SEN5X_ADDRESS, timeout: BUS_TIMEOUT_MS });
    this.enter("starting");
  }

  get model(): string {
    return this.#model;
  }

  /** As printed on the sensor; `undefined` until it was read. */
  get serialNumber(): string | undefined {
    return this.#serialNumber;
  }

  /** Firmware version of the sensor, "2.0"; `undefined` until it was read. */
  get firmware(): string | undefined {
    return this.#firmware;
  }

  get fault(): Sen5xFault | undefined {
    if (this.#state === "absent") return this.#absence;
    if (!this.isRunning()) return "starting";
    if (this.#status[0]) return this.#status[0];
    if (this.#state === "warming") return "warming up";
    return this.sample() ? undefined : "no new values";
  }

  sample(): Measurement | undefined {
    return this.isRunning() && Time.delta(this.#valuesAt) <= STALE_MS ? this.#values : undefined;
  }

  get ageMs(): number | undefined {
    return this.sample() && Time.delta(this.#valuesAt);
  }

  close(): void {
    if (this.#state === "closed") return;
    this.enter("closed");
    this.#io.close?.();
  }

  private enter(next: State): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#state = next;
    this.#misses = 0;
    if (next === "starting") this.identify();
    if (next === "warming") {
      this.#startedAt = this.#valuesAt = Time.ticks;
      this.#values = undefined;
      this.#status = [];
      this.after(POLL_MS, () => this.poll());
    }
    if (next === "measuring") this.pollStatus();
    if (next === "absent") this.after(RETRY_MS, () => this.enter("starting"));
  }

  private isRunning(): boolean {
    return this.#state === "warming" || this.#state === "measuring";
  }

  /** A reset first: whatever ran before, faults and settings are those of a sensor just switched on. */
  private identify(): void {
    this.tell(COMMAND.reset, NOTHING, () =>
      this.ask(COMMAND.readProductName, (name) => {
        this.#model = parseText(name);
        if (!SEN5X_MODELS.includes(this.#model)) return this.lose("unsupported model");
        this.ask(COMMAND.readSerialNumber, (serial) => {
          this.#serialNumber = parseText(serial);
          this.ask(COMMAND.readVersion, (version) => {
            this.#firmware = parseVersion(version);
            this.tell(COMMAND.startMeasurement, NOTHING, () => this.started());
          });
        });
      }),
    );
  }

  private started(): void {
    this.#log.info(`${this.#model} ${this.#serialNumber}, firmware ${this.#firmware}`);
    this.#absence = "connection lost";
    this.enter("warming");
  }

  private poll(): void {
    if (Time.delta(this.#valuesAt) > STALE_MS) {
      this.#log.warn("no new values: reset");
      return this.enter("starting");
    }
    if (this.#state === "warming" && Time.delta(this.#startedAt) >= WARM_UP_MS) {
      return this.enter("measuring");
    }
    this.pollStatus();
  }

  /** Errors stay in the register until they are cleared: what is there again next time is there still. */
  private pollStatus(): void {
    this.ask(COMMAND.readAndClearStatus, (status) => {
      this.#status = parseStatus(status);
      this.ask(COMMAND.readDataReady, (ready) => {
        if (ready[1] === 0) return this.polled();
        this.ask(COMMAND.readValues, (values) => {
          this.keep(parseValues(values));
          this.polled();
        });
      });
    });
  }

  private polled(): void {
    this.#misses = 0;
    this.after(POLL_MS, () => this.poll());
  }

  private keep(values: Measurement): void {
    if (this.#state === "warming") for (const quantity of SPOILED_BY["fan failure"]) delete values[quantity];
    for (const status of this.#status) for (const quantity of SPOILED_BY[status]) delete values[quantity];
    this.#values = Object.keys(values).length > 0 ? values : undefined;
    this.#valuesAt = Time.ticks;
  }

  private ask(command: Sen5xCommand, then: (data: Uint8Array) => void): void {
    this.tell(command, NOTHING, () => {
      const answer = this.#answer.subarray(0, 3 * command.words);
      try {
        this.#io.read(answer);
      } catch (error) {
        return this.miss(`${error}`);
      }
      const data = parseAnswer(answer);
      if (!data) return this.miss("wrong CRC");
      then(data);
    });
  }

  private tell(command: Sen5xCommand, words: readonly number[], then: () => void): void {
    try {
      this.#io.write(formatCommand(command.code, words));
    } catch (error) {
      return this.miss(`${error}`);
    }
    this.after(command.waitMs, then);
  }

  /** No answer, or a disturbed one. */
  private miss(why: string): void {
    this.#misses++;
    this.#log.debug(`no answer (${this.#misses}): ${why}`);
    if (this.#state === "measuring" && this.#misses < MAX_MISSES)
      return this.after(POLL_MS, () => this.poll());
    this.lose(this.#absence === "unsupported model" ? "not found" : this.#absence);
  }

  private lose(why: Sen5xFault): void {
    if (this.isRunning() || why !== this.#absence) this.#log.warn(why);
    this.#absence = why;
    this.enter("absent");
  }

  private after(delayMs: number, then: () => void): void {
    this.#timer = Timer.set(then, delayMs);
  }
}
