import type { Measurement } from "../../telemetry/reading";
import { type Co2Options, MIN_RECALIBRATION_MS, parseRecalibration } from "../co2/co2";
import type { Command, Next, Traits } from "../polled-sensor";
import { SensirionSensor } from "../sensirion/sensirion-sensor";
import { parseFields, parseSerial, unsigned } from "../sensirion/words";
import type { CalibrationFault } from "../sensor";
import { COMMAND, FIELDS, SCD4X_ADDRESS, SCD4X_MODELS } from "./scd4x-protocol";

const TRAITS: Traits = Object.freeze(
  {
    family: "SCD4x",
    // A restart of ours is none of the sensor's: it may be measuring, and then takes nothing but the stop. Altitude and
    // self-calibration are set at each start: what it keeps itself wears its EEPROM (2,000 times).
    start: [
      COMMAND.stop,
      COMMAND.readSerialNumber,
      COMMAND.readVariant,
      COMMAND.setAltitude,
      COMMAND.setSelfCalibration,
      COMMAND.start,
    ],
    poll: [COMMAND.readDataReady, COMMAND.readMeasurement],
    calibrate: [COMMAND.stop, COMMAND.recalibrate, COMMAND.start],
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
    super(options, SCD4X_ADDRESS, TRAITS);
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
      case COMMAND.setAltitude:
        return [Math.max(0, this.#settings.altitude)];
      case COMMAND.setSelfCalibration:
        return [this.#settings.co2SelfCalibration ? 1 : 0];
      case COMMAND.recalibrate:
        return [this.#target];
      default:
        return super.words(command);
    }
  }

  protected override take(command: Command, data: Uint8Array): Next {
    switch (command) {
      case COMMAND.readSerialNumber:
        this.serialNumber = parseSerial(data);
        break;
      case COMMAND.readVariant: {
        const model = SCD4X_MODELS[data[0]! >> 4];
        if (!model) return "unsupported model";
        this.model = model;
        break;
      }
      case COMMAND.readDataReady:
        return (unsigned(data, 0) & 0x7ff) === 0 ? "enough" : undefined;
      case COMMAND.readMeasurement: {
        const values: Measurement = {};
        parseFields(data, FIELDS, values);
        this.keep(values);
        break;
      }
      case COMMAND.recalibrate:
        return parseRecalibration(data);
    }
    return undefined;
  }
}
