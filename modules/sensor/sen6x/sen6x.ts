import type { Measurement } from "../../telemetry/reading";
import { type Co2Options, MIN_RECALIBRATION_MS, parseRecalibration } from "../co2/co2";
import { putNumbers } from "../particle-numbers/particle-numbers";
import { ParticleSensor } from "../particles/particle-sensor";
import { CO2, FORMALDEHYDE, putAir, putIndices } from "../particles/particle-values";
import { type Command, command, type Next, type Traits } from "../polled-sensor";
import { put, unsigned } from "../sensirion/words";
import type { CalibrationFault } from "../sensor";

// After Sensirion's embedded-i2c-sen63c (fc03581), -sen65 (848dd99), -sen66 (85c2c90) and -sen68 (895465f).
const ADDRESS = 0x6b;
const READ_NUMBERS = 0x0316;
const START = command(0x0021, 50);
const RECALIBRATE = command(0x6707, 500, 1);
const SET_SELF_CALIBRATION = command(0x6711, 20);
const SET_ALTITUDE = command(0x6736, 20);

/** What each is asked for its values. */
const READ_VALUES: { readonly [model: string]: Command } = Object.freeze({
  SEN63C: command(0x0471, 20, 7),
  SEN65: command(0x0446, 20, 8),
  SEN66: command(0x0300, 20, 9),
  SEN68: command(0x0467, 20, 9),
});

const TRAITS: Traits = Object.freeze(
  {
    family: "SEN6x",
    start: [
      /** Reset; product name, serial number, version. */
      command(0xd304, 1200),
      command(0xd014, 20, 4),
      command(0xd033, 20, 9),
      command(0xd100, 20, 1),
      SET_ALTITUDE,
      SET_SELF_CALIBRATION,
      START,
    ],
    /** That of its model. */
    poll: [],
    /** Its measurement is stopped meanwhile. */
    calibrate: [command(0x0104, 1000), RECALIBRATE, START],
    /** The sensor measures once a second; a reading is taken once a minute. */
    pollMs: 5_000,
    /** Start-up time of particle values in clean air (data sheet, 2.1). */
    warmUpMs: 30_000,
  },
  true,
);

/**
 * Sensirion SEN63C, SEN65, SEN66 or SEN68 on I²C: particles by mass and number, temperature, humidity, and by model
 * VOC and NOx index, CO₂, formaldehyde.
 */
export class Sen6x extends ParticleSensor {
  #settings: Co2Options["settings"];
  #target = 0;

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: Co2Options) {
    super(options, ADDRESS, TRAITS);
    this.#settings = options.settings;
  }

  calibrate(co2: number): CalibrationFault | undefined {
    if (!this.hasCo2()) return "no-co2-sensor";
    const fault = this.recalibrate(MIN_RECALIBRATION_MS);
    if (!fault) this.#target = co2;
    return fault;
  }

  configure(): void {
    if (this.hasCo2()) this.restart();
  }

  protected override modelOf(name: string): string | undefined {
    const readValues = READ_VALUES[name];
    if (!readValues) return undefined;
    /** Status, which that clears; whether there is something new; what. */
    this.pollCommands = [
      command(0xd210, 20, 2),
      command(0x0202, 20, 1),
      readValues,
      command(READ_NUMBERS, 20, 5),
    ];
    return name;
  }

  /** The models without a CO₂ sensor do not know its commands. */
  protected override words(command: Command): readonly number[] | undefined {
    switch (command) {
      case SET_ALTITUDE:
        return this.hasCo2() ? [Math.max(0, this.#settings.altitude)] : undefined;
      case SET_SELF_CALIBRATION:
        return this.hasCo2() ? [this.#settings.co2SelfCalibration ? 1 : 0] : undefined;
      case RECALIBRATE:
        return [this.#target];
      default:
        return super.words(command);
    }
  }

  protected override take(command: Command, data: Uint8Array): Next {
    return command === RECALIBRATE ? parseRecalibration(data) : super.take(command, data);
  }

  protected override parse(code: number, data: Uint8Array, values: Measurement, flags: number): boolean {
    if (code === READ_NUMBERS) {
      // Without masses there are no numbers either.
      if (values.pm2_5 !== undefined) putNumbers(values, data, 0, 10);
      return true;
    }
    const { model } = this;
    putAir(values, data, flags);
    if (model !== "SEN63C") putIndices(values, data, flags);
    // ppm, last; 0 is none.
    if (this.hasCo2() && !(flags & CO2)) put(values, "co2", unsigned(data, data.length - 2), 1, 0xfffe, 1);
    // Tenths of a ppb (data sheet). The header of Sensirion's driver has "ppm", of which the sensor has 0 to 1.
    if (model === "SEN68" && !(flags & FORMALDEHYDE)) put(values, "hcho", unsigned(data, 16), 10, 0xfffe);
    return false;
  }

  private hasCo2(): boolean {
    return this.model === "SEN66" || this.model === "SEN63C";
  }
}
