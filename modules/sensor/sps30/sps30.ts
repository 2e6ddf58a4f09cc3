import { ParticleSensor } from "../particles/particle-sensor";
import type { Command, Next } from "../polled-sensor";
import type { SensirionOptions } from "../sensirion/sensirion-sensor";
import { unsigned } from "../sensirion/words";
import { COMMAND, SPS30, STATUS_SINCE, WHOLE_NUMBERS } from "./sps30-protocol";

/** Sensirion SPS30 on I²C: particles by mass and by number, and their typical size. */
export class Sps30 extends ParticleSensor {
  #tellsStatus = false;

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: SensirionOptions) {
    super(options, SPS30);
  }

  protected override words(command: Command): readonly number[] | undefined {
    if (command === COMMAND.startMeasurement) return WHOLE_NUMBERS;
    const isStatus = command === COMMAND.readStatus || command === COMMAND.clearStatus;
    return isStatus && !this.#tellsStatus ? undefined : super.words(command);
  }

  protected override take(command: Command, data: Uint8Array): Next {
    if (command === COMMAND.readVersion) this.#tellsStatus = unsigned(data, 0) >= STATUS_SINCE;
    return super.take(command, data);
  }
}
