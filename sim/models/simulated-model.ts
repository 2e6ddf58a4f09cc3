import type { Measurement } from "../../modules/telemetry/reading";
import type { RoomName } from "../air/rooms";
import type { TwinFault } from "../sensors/faults";
import type { ModelName } from "./names";

interface Faulty {
  setFault(fault: TwinFault, isOn: boolean): void;
}

/** What a board's machine knows of its model while the firmware has it: the air around it, and what people do to its sensors. */
export class SimulatedModel {
  readonly name: ModelName;
  readonly #air: (room: RoomName) => Measurement;
  #room: RoomName = "kitchen";
  #twins: ReadonlyMap<string, Faulty> | undefined;
  #faults: { readonly sensor: string; readonly fault: TwinFault }[] = [];

  constructor(name: ModelName, air: (room: RoomName) => Measurement) {
    this.name = name;
    this.#air = air;
  }

  readonly air = (): Measurement => this.#air(this.#room);

  enter(room: RoomName): void {
    this.#room = room;
  }

  /** The firmware has opened the board. */
  onPlugged(twins: ReadonlyMap<string, Faulty>): void {
    this.#twins = twins;
    for (const { sensor, fault } of this.#faults) twins.get(sensor)?.setFault(fault, true);
  }

  setFault(sensor: string, fault: TwinFault, on: boolean): void {
    this.#faults = this.#faults.filter((each) => each.sensor !== sensor || each.fault !== fault);
    if (on) this.#faults.push({ sensor, fault });
    this.#twins?.get(sensor)?.setFault(fault, on);
  }
}
