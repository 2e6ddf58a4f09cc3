import type { Measurement } from "../../telemetry/reading";
import { type Command, codeOf, type Next } from "../polled-sensor";
import { SensirionSensor } from "../sensirion/sensirion-sensor";
import { parseText, parseVersion, unsigned } from "../sensirion/words";
import { FAN, type ParticleStatus, parseStatus } from "./particle-values";

/** A sensor of particles (Sensirion's SEN5x, SEN6x, SPS30), which has a fan, a laser and a register of its faults. */
export abstract class ParticleSensor extends SensirionSensor {
  #flags = 0;
  #fresh: Measurement = {};

  /** What `name`, the product that answers, is called here; `undefined`: it is none of the family. */
  protected abstract modelOf(name: string): string | undefined;

  /**
   * Puts what an answer has into `values`, but for what `flags` make worthless.
   * @returns whether it was the last of a poll
   */
  protected abstract parse(code: number, data: Uint8Array, values: Measurement, flags: number): boolean;

  protected override get status(): ParticleStatus | undefined {
    return parseStatus(this.#flags);
  }

  protected override take(command: Command, data: Uint8Array): Next {
    const code = codeOf(command);
    switch (code) {
      // The first of two is SEN5x's and SEN6x's, the second SPS30's.
      case 0xd014:
      case 0xd002: {
        const name = parseText(data);
        const model = this.modelOf(name);
        this.model = model ?? name;
        return model ? undefined : "unsupported model";
      }
      case 0xd033:
        this.serialNumber = parseText(data);
        return undefined;
      case 0xd100:
        this.firmware = parseVersion(data);
        return undefined;
      case 0x0021:
      case 0x0010:
        this.#flags = 0;
        return undefined;
      case 0xd210:
      case 0xd206:
        if (data.length > 0) this.#flags = (unsigned(data, 0) << 16) | unsigned(data, 2);
        return undefined;
      case 0x0202:
        this.#fresh = {};
        return data[1] === 0 ? "enough" : undefined;
    }
    // A fan that has not run long enough is as one that stands still.
    const flags = this.isWarm ? this.#flags : this.#flags | FAN;
    if (data.length > 0 && this.parse(code, data, this.#fresh, flags)) this.keep(this.#fresh);
    return undefined;
  }
}
