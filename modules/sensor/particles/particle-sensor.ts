import type { Measurement } from "../../telemetry/reading";
import type { Command, Next, Traits } from "../polled-sensor";
import { type SensirionOptions, SensirionSensor } from "../sensirion/sensirion-sensor";
import {
  drop,
  type Field,
  PARTICLES,
  parseFields,
  parseStatus,
  parseText,
  parseVersion,
  type StatusBits,
} from "../sensirion/words";

/** What SEN5x, SEN6x and SPS30 differ in. */
export interface ParticleTable {
  readonly address: number;
  readonly traits: Traits;
  readonly commands: {
    readonly readProductName: Command;
    readonly readSerialNumber: Command;
    readonly readVersion: Command;
    readonly startMeasurement: Command;
    readonly readStatus: Command;
    readonly readDataReady: Command;
  };
  /** By the product name that it tells. */
  readonly models: { readonly [productName: string]: ParticleModel };
  readonly status: StatusBits<string>;
}

export interface ParticleModel {
  readonly model: string;
  readonly poll: readonly Command[];
  /** Those of `poll` whose answers are values; the last completes them. */
  readonly reads: readonly (readonly [command: Command, fields: readonly Field[]])[];
}

/** A sensor of particles (Sensirion's SEN5x, SEN6x, SPS30), which has a fan, a laser and a register of its faults. */
export class ParticleSensor extends SensirionSensor {
  #table: ParticleTable;
  #model: ParticleModel | undefined;
  #status: StatusBits<string> = [];
  #fresh: Measurement = {};

  /** @throws Error of the bus when its pins cannot be used */
  constructor(options: SensirionOptions, table: ParticleTable) {
    super(options, table.address, table.traits);
    this.#table = table;
  }

  protected override get status(): string | undefined {
    return this.#status[0]?.[1];
  }

  protected override take(command: Command, data: Uint8Array): Next {
    const { commands, models, status } = this.#table;
    switch (command) {
      case commands.readProductName: {
        const name = parseText(data);
        this.#model = models[name];
        this.model = this.#model?.model ?? name;
        if (!this.#model) return "unsupported model";
        this.pollCommands = this.#model.poll;
        break;
      }
      case commands.readSerialNumber:
        this.serialNumber = parseText(data);
        break;
      case commands.readVersion:
        this.firmware = parseVersion(data);
        break;
      case commands.startMeasurement:
        this.#status = [];
        break;
      case commands.readStatus:
        this.#status = parseStatus(data, status);
        break;
      case commands.readDataReady:
        this.#fresh = {};
        return data[1] === 0 ? "enough" : undefined;
      default:
        if (command.words > 0) this.readValues(command, data);
    }
    return undefined;
  }

  private readValues(command: Command, data: Uint8Array): void {
    const { reads } = this.#model!;
    const at = reads.findIndex(([each]) => each === command);
    if (at < 0) return;
    const values = this.#fresh;
    parseFields(data, reads[at]![1], values);
    if (at < reads.length - 1) return;
    if (!this.isWarm) drop(values, PARTICLES);
    for (const [, , spoiled] of this.#status) drop(values, spoiled);
    this.keep(values);
  }
}
