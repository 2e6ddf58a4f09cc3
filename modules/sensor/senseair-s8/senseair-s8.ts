import type { Measurement } from "../../telemetry/reading";
import { type Command, codeOf, type Next, type Traits, wordsOf } from "../polled-sensor";
import type { CalibrationFault, SensorSettings } from "../sensor";
import { type SerialOptions, SerialSensor } from "../serial/serial-sensor";
import { formatRequest, parseResponse } from "./modbus";
import {
  BACKGROUND,
  BACKGROUND_DONE,
  CALIBRATE,
  CLEAR_ACKNOWLEDGED,
  PERIOD_HOURS,
  parseCo2,
  parseStatus,
  READ_ACKNOWLEDGED,
  READ_IDENTITY,
  READ_PERIOD,
  READ_VALUES,
  type S8Status,
  WRITE_PERIOD,
} from "./s8-protocol";

const TRAITS: Traits = Object.freeze(
  {
    family: "S8",
    start: [READ_IDENTITY, READ_PERIOD, WRITE_PERIOD],
    poll: [READ_VALUES],
    calibrate: [CLEAR_ACKNOWLEDGED, CALIBRATE, READ_ACKNOWLEDGED],
    /** It measures every 2 s (S8-5: 4 s). */
    pollMs: 5_000,
    warmUpMs: 0,
  },
  true,
);

/** "Clean environment for 5 minutes before": airgradienthq/arduino, S8.cpp. */
const MIN_RECALIBRATION_MS = 5 * 60_000;
/** What is called fresh air: it takes it for 400 ppm, and can be told no other. */
const FRESH_AIR: readonly [from: number, to: number] = Object.freeze([400, 450] as const);
/** Bytes of the longest answer, and room for what does not belong to it. */
const MAX_ANSWER = 16;

export interface S8Options extends SerialOptions {
  readonly settings: Pick<SensorSettings, "co2SelfCalibration">;
}

/** Senseair S8 on a serial line, Modbus: CO₂. It knows nothing of altitude. */
export class SenseairS8 extends SerialSensor {
  #settings: S8Options["settings"];
  #answer = new Uint8Array(MAX_ANSWER);
  #length = 0;
  #told: S8Status | undefined;
  /** Hours, as the sensor has it. */
  #period = 0;

  /** @throws Error of the UART when its pins or its port cannot be used */
  constructor(options: S8Options) {
    // It speaks when it is asked: what it said waits in the FIFO.
    super(options, TRAITS, false);
    this.#settings = options.settings;
  }

  calibrate(co2: number): CalibrationFault | undefined {
    if (co2 < FRESH_AIR[0] || co2 > FRESH_AIR[1]) return "fresh-air-only";
    return this.recalibrate(MIN_RECALIBRATION_MS);
  }

  configure(): void {
    this.restart();
  }

  protected override get status(): S8Status | undefined {
    return this.#told;
  }

  protected override hear(byte: number): void {
    if (this.#length < MAX_ANSWER) this.#answer[this.#length++] = byte;
  }

  /** What is written; of a read, how many registers. */
  protected override words(command: Command): readonly number[] | undefined {
    switch (command) {
      case WRITE_PERIOD: {
        const period = this.#settings.co2SelfCalibration ? PERIOD_HOURS : 0;
        // It is kept in EEPROM.
        return period === this.#period ? undefined : [period];
      }
      case CALIBRATE:
        return [BACKGROUND];
      case CLEAR_ACKNOWLEDGED:
        return [0];
      default:
        return [wordsOf(command)];
    }
  }

  protected override send(command: Command, words: readonly number[]): void {
    // What is left of a late answer belongs to no question.
    this.drain();
    this.#length = 0;
    const code = codeOf(command);
    this.write(formatRequest(code >> 8, code & 0xff, words[0]!));
  }

  protected override receive(command: Command): Uint8Array {
    this.drain();
    const data = parseResponse(
      this.#answer.subarray(0, this.#length),
      codeOf(command) >> 8,
      wordsOf(command),
    );
    if (!data) throw new Error(this.#length === 0 ? "silent" : "disturbed");
    return data;
  }

  protected override take(command: Command, data: Uint8Array): Next {
    switch (command) {
      case READ_IDENTITY:
        this.firmware = `${data[0]!}.${data[1]!}`;
        this.serialNumber = serialOf(data);
        break;
      case READ_PERIOD:
        this.#period = (data[0]! << 8) | data[1]!;
        break;
      case READ_ACKNOWLEDGED:
        return data[1]! & BACKGROUND_DONE ? undefined : "recalibration failed";
      case READ_VALUES: {
        const values: Measurement = {};
        const co2 = parseCo2(data);
        this.#told = parseStatus(data);
        if (!this.#told && co2 !== undefined) values.co2 = co2;
        this.keep(values);
      }
    }
    return undefined;
  }
}

/** As Senseair writes it: eight hexadecimal digits. */
function serialOf(data: Uint8Array): string {
  let text = "";
  for (let i = 2; i < 6; i++) text += (data[i]! + 0x100).toString(16).slice(1);
  return text.toUpperCase();
}
