import { type Co2Options, MIN_RECALIBRATION_MS, parseRecalibration } from "../co2/co2";
import { ParticleSensor } from "../particles/particle-sensor";
import type { Command, Next } from "../polled-sensor";
import type { CalibrationFault } from "../sensor";
import { COMMAND, SEN6X, WITH_CO2 } from "./sen6x-protocol";

/**
 * Sensirion SEN63C, SEN65, SEN66 or SEN68 on I²C: particles by mass and number, temperature, humidity, and by model
 * VOC and NOx index, CO₂, formaldehyde.
 */
export class Sen6x extends ParticleSensor {
  #settings: Co2Options["settings"];
  #target = 0;

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: Co2Options) {
    super(options, SEN6X);
    this.#settings = options.settings;
  }

  calibrate(co2: number): CalibrationFault | undefined {
    if (!WITH_CO2.includes(this.model)) return "no-co2-sensor";
    const fault = this.recalibrate(MIN_RECALIBRATION_MS);
    if (!fault) this.#target = co2;
    return fault;
  }

  configure(): void {
    if (WITH_CO2.includes(this.model)) this.restart();
  }

  protected override words(command: Command): readonly number[] | undefined {
    switch (command) {
      case COMMAND.setAltitude:
        return WITH_CO2.includes(this.model) ? [Math.max(0, this.#settings.altitude)] : undefined;
      case COMMAND.setSelfCalibration:
        return WITH_CO2.includes(this.model) ? [this.#settings.co2SelfCalibration ? 1 : 0] : undefined;
      case COMMAND.recalibrate:
        return [this.#target];
      default:
        return super.words(command);
    }
  }

  protected override take(command: Command, data: Uint8Array): Next {
    return command === COMMAND.recalibrate ? parseRecalibration(data) : super.take(command, data);
  }
}
