import type { Measurement } from "../../modules/telemetry/reading";
import { RoomAir } from "./room-air";
import { measured } from "./room-sensors";
import type { RoomName } from "./rooms";

/** The rooms of one flat, as sensors in them would have it. */
export class HouseAir {
  readonly #seed: number;
  readonly #unixMs: () => number;
  readonly #rooms = new Map<RoomName, RoomAir>();

  constructor(options: { readonly seed: number; unixMs(): number }) {
    this.#seed = options.seed;
    this.#unixMs = options.unixMs;
  }

  in(room: RoomName): Measurement {
    let air = this.#rooms.get(room);
    if (!air) {
      air = new RoomAir({ room, seed: this.#seed });
      this.#rooms.set(room, air);
    }
    return measured(air.at(this.#unixMs()));
  }
}
