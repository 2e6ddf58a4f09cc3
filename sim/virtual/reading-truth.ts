import type { DecodedReading } from "../../cloud/payload/decode-telemetry";
import type { Sensor, SensorChoice } from "../../modules/sensor/sensor";
import { QUANTITY_NAMES, type Quantity } from "../../modules/telemetry/quantities";
import type { Measurement } from "../../modules/telemetry/reading";

/** Seconds by which a reading's time may be wrong: rounding twice, and SNTP's half round trip. */
const TOLERANCE_SECONDS = 2;
const BOOT_LINE = /firmware \S+, boot (\d+) after/;

/** Knows when each reading was really taken: by its values, which at a scatter new each second are its own. */
export class ReadingTruth {
  #now: () => number;
  /** By values; in a still night two readings can be the same. */
  #taken = new Map<string, Taken[]>();
  /** Unix milliseconds of each boot, by its number. */
  #bootAt = new Map<number, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Unix milliseconds of the readings that were taken before `unixMs` and have not arrived. */
  absent(unixMs: number): number[] {
    const absent: number[] = [];
    for (const same of this.#taken.values())
      for (const { at, settled } of same) if (!settled && at < unixMs) absent.push(at);
    return absent;
  }

  /** Lets go of what arrived, of readings taken before `unixMs`. */
  forget(unixMs: number): void {
    for (const [key, same] of this.#taken)
      if (same.every(({ at, settled }) => settled && at < unixMs)) this.#taken.delete(key);
  }

  /** The power went in the middle of a turn: a reading taken in it was not in the journal yet, or only half. */
  powerCut(): void {
    const now = this.#now();
    for (const same of this.#taken.values())
      for (const taken of same) if (taken.at === now) taken.settled = true;
  }

  /**
   * Passes the sensors of a board on, and notes what a measurement of them is: as they are all asked in one turn, it
   * begins with the first and ends with the last.
   */
  watch(sensors: readonly Sensor[], wins: SensorChoice): Sensor[] {
    let all: Measurement = {};
    return sensors.map((sensor, place) => ({
      model: sensor.model,
      serialNumber: sensor.serialNumber,
      get ageMs() {
        return sensor.ageMs;
      },
      get fault() {
        return sensor.fault;
      },
      sample: () => {
        const values = sensor.sample();
        if (place === 0) all = {};
        for (const [name, value] of Object.entries(values ?? {})) {
          const quantity = name as Quantity;
          if ((wins[quantity] ?? place) === place) all[quantity] ??= value;
        }
        if (place === sensors.length - 1 && Object.keys(all).length > 0) this.#note(all);
        return values;
      },
      // The board's next life has the same sensor.
      close() {},
    }));
  }

  #note(values: Measurement): void {
    const key = identity(values);
    const taken = { at: this.#now(), settled: false };
    const same = this.#taken.get(key);
    if (same) same.push(taken);
    else this.#taken.set(key, [taken]);
  }

  /** What the firmware wrote to its console. */
  heard(text: string): void {
    const boot = BOOT_LINE.exec(text);
    if (boot) this.#bootAt.set(Number(boot[1]), this.#now());
  }

  /** A reading arrived. What is wrong with its time; undefined: nothing, or it says that it has none. */
  arrived({ seq, unixSeconds, boot, uptimeSeconds, values }: DecodedReading): string | undefined {
    const same = this.#taken.get(identity(values));
    if (!same) return `reading ${seq} was never taken`;
    const bootMs = boot === undefined ? undefined : this.#bootAt.get(boot);
    const claimed = unixSeconds ?? (bootMs ?? Number.NaN) / 1000 + (uptimeSeconds ?? Number.NaN);
    const distance = (taken: Taken): number => Math.abs(claimed - taken.at / 1000);
    // Two boots within one second can take the same reading twice: the one that is still waited for has arrived.
    const waiting = same.find((each) => !each.settled && distance(each) <= TOLERANCE_SECONDS);
    const nearest = same.reduce((best, each) => (distance(each) < distance(best) ? each : best));
    const taken =
      waiting ?? ((distance(nearest) > TOLERANCE_SECONDS && same.find((each) => !each.settled)) || nearest);
    taken.settled = true;
    const off = distance(taken);
    if (off <= TOLERANCE_SECONDS) return undefined;
    return `reading ${seq} is dated ${off.toFixed(1)} s wrong${unixSeconds === undefined ? " by boot and uptime" : ""}`;
  }
}

interface Taken {
  readonly at: number;
  /** It arrived, or need not. */
  settled: boolean;
}

const identity = (values: Measurement | DecodedReading["values"]): string =>
  QUANTITY_NAMES.map((quantity) => values[quantity]).join();
