import { SeededRandom } from "../virtual/virtual-time";
import type { OutageKind } from "./protocol";
import { Weather } from "./weather";

/** What an outage is done to. */
export interface StormDeeds {
  /** Takes something away, or brings it back. */
  turn(kind: OutageKind, on: boolean): void;
  say(text: string): void;
}

/** Weather that a person can switch on and off: it does to a world what {@link Weather} says. */
export class Storm {
  #deeds: StormDeeds;
  #weather: Weather | undefined;
  #out: OutageKind | undefined;

  constructor(deeds: StormDeeds) {
    this.#deeds = deeds;
  }

  get on(): boolean {
    return this.#weather !== undefined;
  }

  begin(seed: number, unixMs: number): void {
    this.#weather ??= new Weather(new SeededRandom(seed), unixMs);
  }

  /** What it has taken comes back. */
  end(): void {
    this.#weather = undefined;
    const out = this.#out;
    if (out !== undefined) this.#turn(out, true);
  }

  /** The world that it blew in is gone. */
  forget(): void {
    this.#weather = undefined;
    this.#out = undefined;
  }

  /** Called often. */
  look(unixMs: number): void {
    const event = this.#weather?.next(unixMs);
    if (event) this.#turn(event.kind, event.on);
  }

  #turn(kind: OutageKind, on: boolean): void {
    this.#out = on ? undefined : kind;
    this.#deeds.say(`${kind} ${on ? "back" : "out"}`);
    this.#deeds.turn(kind, on);
  }
}
