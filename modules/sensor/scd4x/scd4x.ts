import type { Measurement } from "../../telemetry/reading";
import { type Co2Options, MIN_RECALIBRATION_MS, parseRecalibration } from "../co2/co2";
import { type Command, command, type Next, type Traits } from "../polled-sensor";
import { SensirionSensor } from "../sensirion/sensirion-sensor";
import { parseSerial, put, unsigned } from "../sensirion/words";
import type { CalibrationFault } from "../sensor";

// After Sensirion/embedded-i2c-scd4x (743390b: scd4x_i2c.c, scd4x_i2c.h). The 5 ms of the start are ours: the driver
// waits for nothing there.
const ADDRESS = 0x62;
const START = command(0x21b1, 5);
const SET_SELF_CALIBRATION = command(0x2416, 1);
const SET_ALTITUDE = command(0x2427, 1);
const READ_VARIANT = command(0x202f, 1, 1);
const RECALIBRATE = command(0x362f, 400, 1);
const READ_SERIAL_NUMBER = command(0x3682, 1, 3);
const STOP = command(0x3f86, 500);
const READ_DATA_READY = command(0xe4b8, 1, 1);
const READ_MEASUREMENT = command(0xec05, 1, 3);

/** By the top four bits of the variant. An SCD42 (2) was never sold. */
const MODELS: { readonly [variant: number]: string } = Object.freeze({ 0: "SCD40", 1: "SCD41", 5: "SCD43" });

const TRAITS: Traits = Object.freeze(
  {
    family: "SCD4x",
    // A restart of ours is none of the sensor's: it may be measuring, and then takes nothing but the stop. Altitude and
    // self-calibration are set at each start: what it keeps itself wears its EEPROM (2,000 times).
    start: [STOP, READ_SERIAL_NUMBER, READ_VARIANT, SET_ALTITUDE, SET_SELF_CALIBRATION, START],
    poll: [READ_DATA_READY, READ_MEASUREMENT],
    calibrate: [STOP, RECALIBRATE, START],
    // It measures every 5 s.
    pollMs: 5_000,
    warmUpMs: 0,
  },
  true,
);

/** Sensirion SCD40, SCD41 or SCD43 on I²C: CO₂, and the temperature and humidity that it corrects it by. */
export class Scd4x extends SensirionSensor {
  #settings: Co2Options["settings"];
  #target = 0;

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: Co2Options) {
    super(options, ADDRESS, TRAITS);
    this.#settings = options.settings;
  }

  calibrate(co2: number): CalibrationFault | undefined {
    const fault = this.recalibrate(MIN_RECALIBRATION_MS);
    if (!fault) this.#target = co2;
    return fault;
  }

  configure(): void {
    this.restart();
  }

  protected override words(command: Command): readonly number[] | undefined {
    switch (command) {
      case SET_ALTITUDE:
        return [Math.max(0, this.#settings.altitude)];
      case SET_SELF_CALIBRATION:
        return [this.#settings.co2SelfCalibration ? 1 : 0];
      case RECALIBRATE:
        return [this.#target];
      default:
        return super.words(command);
    }
  }

  protected override take(command: Command, data: Uint8Array): Next {
    switch (command) {
      case READ_SERIAL_NUMBER:
        this.serialNumber = parseSerial(data);
        break;
      case READ_VARIANT: {
        const model = MODELS[data[0]! >> 4];
        if (!model) return "unsupported model";
        this.model = model;
        break;
      }
      case READ_DATA_READY:
        return (unsigned(data, 0) & 0x7ff) === 0 ? "enough" : undefined;
      case READ_MEASUREMENT: {
        const values: Measurement = {};
        putValues(values, data);
        this.keep(values);
        break;
      }
      case RECALIBRATE:
        return parseRecalibration(data);
    }
    return undefined;
  }
}

/**
 * CO₂ in ppm up to 40,000, 0 is none; then ticks of temperature (−45 °C + 175 °C · ticks / 65,535) and humidity (100 % ·
 * ticks / 65,535).
 */
export function putValues(values: Measurement, data: Uint8Array): void {
  put(values, "co2", unsigned(data, 0), 1, 40_000, 1);
  values.temperature = (175 * unsigned(data, 2)) / 0xffff - 45;
  values.humidity = (100 * unsigned(data, 4)) / 0xffff;
}
