import type { Measurement } from "../../modules/telemetry/reading";
import type { TwinFault } from "./faults";

export interface TwinOptions {
  /** The air around it; a quantity that it measures and that is absent is unknown to it. */
  air(): Measurement;
  /** Milliseconds, monotonic; by default those of the process. */
  now?(): number;
}

const HOUR_MS = 3_600_000;
const DRIFT_PER_HOUR = 0.02;

/** A sensor as it is at its bus: what it is told and what it says, byte by byte, in its time. For `sim/` only. */
export abstract class Twin {
  readonly #faults = new Set<TwinFault>();
  readonly #options: TwinOptions;
  #driftsSince = 0;
  #stuckAir: Measurement | undefined;

  constructor(options: TwinOptions) {
    this.#options = options;
  }

  get faults(): ReadonlySet<TwinFault> {
    return this.#faults;
  }

  setFault(fault: TwinFault, isOn: boolean): void {
    if (this.#faults.has(fault) === isOn) return;
    if (isOn) this.#faults.add(fault);
    else this.#faults.delete(fault);
    if (fault === "drifting") this.#driftsSince = this.now;
    if (fault === "fan-stuck") this.#stuckAir = isOn ? this.#options.air() : undefined;
    if (fault === "unplugged") this.powerOn();
  }

  protected has(fault: TwinFault): boolean {
    return this.#faults.has(fault);
  }

  protected get now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  /** As it is when power comes, and when it has gone. */
  protected abstract powerOn(): void;

  /** The air as it measures it. Behind a fan that stands still it does not change. */
  protected get air(): Measurement {
    const air = { ...(this.#stuckAir ?? this.#options.air()) };
    if (!this.has("drifting")) return air;
    const factor = 1 + (DRIFT_PER_HOUR * (this.now - this.#driftsSince)) / HOUR_MS;
    for (const quantity of Object.keys(air) as (keyof Measurement)[]) air[quantity] = air[quantity]! * factor;
    return air;
  }
}
