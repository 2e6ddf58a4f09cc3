import Timer from "timer";
import type { Journal } from "../journal/journal";
import type { Stamp } from "../telemetry/reading";
import type { Sensor } from "./sensor";

export interface SamplerOptions {
  readonly sensor: Pick<Sensor, "sample" | "fault">;
  readonly journal: Pick<Journal, "append">;
  /** Time between readings, ms; read anew for each. */
  intervalMs(): number;
  stamp(): Stamp;
  /** A reading is in the journal. */
  onReading(seq: number): void;
  /** The sensor had nothing; told once per change of fault. */
  onFault(fault: string | undefined): void;
  /** The journal did not take a reading: flash is broken. */
  onJournalFault(error: unknown): void;
}

/**
 * Takes a reading at each interval and puts it into the journal before anything else is done with it. No value is
 * invented: without a sample there is no reading.
 */
export class Sampler {
  #options: SamplerOptions;
  #timer: Timer | undefined;
  #fault: string | undefined;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** The first reading is taken now. */
  start(): void {
    if (this.#timer) return;
    this.schedule(0);
  }

  stop(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  /** The interval is another one now: it begins with a reading. Does nothing while stopped. */
  restart(): void {
    if (!this.#timer) return;
    this.stop();
    this.start();
  }

  /** A reading out of turn (command `read-now`); the schedule goes on from here. Returns its `seq`. */
  readNow(): number | undefined {
    if (this.#timer) {
      this.stop();
      this.schedule(this.#options.intervalMs());
    }
    return this.take();
  }

  private schedule(delayMs: number): void {
    this.#timer = Timer.set(() => {
      this.schedule(this.#options.intervalMs());
      this.take();
    }, delayMs);
  }

  private take(): number | undefined {
    const { sensor, journal } = this.#options;
    const values = sensor.sample();
    if (sensor.fault !== this.#fault) {
      this.#fault = sensor.fault;
      this.#options.onFault(sensor.fault);
    }
    if (values === undefined) return undefined;
    let seq = 0;
    let fault: unknown = "the flash does not keep what is written to it";
    try {
      seq = journal.append(values, this.#options.stamp());
    } catch (error) {
      fault = error;
    }
    if (seq === 0) {
      this.#options.onJournalFault(fault);
      return undefined;
    }
    this.#options.onReading(seq);
    return seq;
  }
}
