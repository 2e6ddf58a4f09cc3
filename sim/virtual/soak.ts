import { lost } from "./fault-run";
import { FAULTS } from "./faults";
import { type Fault, hidesTime } from "./faults/fault";
import { SENSOR_FAULTS } from "./faults/sensor";
import { LightReferee } from "./light-referee";
import { SeededRandom } from "./virtual-time";
import { VirtualWorld, type VirtualWorldOptions } from "./virtual-world";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Faults begin at random moments, this many a day on average. */
export const FAULTS_A_DAY = 6;
/** A fault lasts a minute and, on average, this much more; two hours at the most. */
const MORE_MS = 12 * MINUTE_MS;
const LONGEST_MS = 2 * 60 * MINUTE_MS;
/** After the last fault: back for certain, and the backlog through. */
const CALM_MS = 45 * MINUTE_MS;
/** The light is looked at each second in trouble, and this often when all is well. */
const CALM_LOOK_MS = 20 * SECOND_MS;
const SOAK_SEED = 0x50a4;

export interface SoakOutcome {
  readonly faults: number;
  readonly boots: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly lost: readonly string[];
  readonly misdated: readonly string[];
  readonly violations: readonly string[];
  /** Timers of the firmware, on each day while all was well. */
  readonly timers: readonly number[];
  /** `measureHeap` on each day. */
  readonly heap: readonly number[];
  readonly trace: readonly string[];
}

/** Lets a world run for `days` with random faults. `measureHeap` is called once a day. */
export function soak(
  options: VirtualWorldOptions,
  days: number,
  measureHeap: () => number = () => 0,
): SoakOutcome {
  const world = new VirtualWorld(options);
  const referee = new LightReferee(world);
  const random = new SeededRandom(options.seed ^ SOAK_SEED);
  const trouble = new Trouble(world, random);
  let boots = 0;
  let delivered = 0;
  let duplicates = 0;
  world.onReading = ({ epoch, seq }) => {
    if (world.delivered.get(`${epoch}:${seq}`)! > 1) duplicates++;
    else delivered++;
  };
  const timers: number[] = [];
  const heap: number[] = [];
  const runTo = (end: number): void => {
    while (world.time.now() < end) {
      const calm = world.time.now() - trouble.lastAt > CALM_MS && world.sight === "solid blue";
      world.run(Math.min(end - world.time.now(), calm ? CALM_LOOK_MS : SECOND_MS));
      referee.look();
    }
  };

  world.onTrace = (line) => {
    if (line.includes(", boot ")) boots++;
  };
  world.world.powerOn();
  for (let day = 1; day <= days; day++) {
    runTo(day * DAY_MS);
    if (world.time.now() - trouble.lastAt > CALM_MS) timers.push(world.firmwareTimers);
    world.truth.forget(world.unixMs - DAY_MS);
    heap.push(measureHeap());
  }
  trouble.stop();
  runTo(days * DAY_MS + LONGEST_MS + CALM_MS);
  timers.push(world.firmwareTimers);
  return {
    faults: trouble.count,
    boots,
    delivered,
    duplicates,
    lost: lost(world),
    misdated: world.misdated,
    violations: referee.violations,
    timers,
    heap,
    trace: world.trace,
  };
}

/** Begins and ends faults at random; several may last at once, each of a name only once. */
class Trouble {
  count = 0;
  /** When a fault last began, ended or lasted. */
  get lastAt(): number {
    return this.#active.size > 0 ? this.#world.time.now() : this.#endedAt;
  }
  #world: VirtualWorld;
  #random: SeededRandom;
  #active = new Set<Fault>();
  #endedAt = 0;
  #next: unknown;
  #faults: readonly Fault[];

  constructor(world: VirtualWorld, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
    const all = world.sensors.length > 0 ? [...FAULTS, ...SENSOR_FAULTS] : FAULTS;
    this.#faults = all.filter((fault) => fault.time !== "all-lie");
    this.#plan();
  }

  /** No more begin; those that last end in their time. */
  stop(): void {
    this.#world.time.clear(this.#next);
  }

  #plan(): void {
    this.#next = this.#world.time.set(
      () => {
        this.#plan();
        const fault = this.#faults[this.#random.below(this.#faults.length)]!;
        if (!this.#active.has(fault) && !hidesTime([...this.#active, fault])) this.#run(fault);
      },
      this.#exponential(DAY_MS / FAULTS_A_DAY),
    );
  }

  #run(fault: Fault): void {
    this.count++;
    this.#active.add(fault);
    fault.begin(this.#world);
    this.#world.time.set(
      () => {
        fault.end(this.#world);
        this.#active.delete(fault);
        this.#endedAt = this.#world.time.now();
      },
      Math.min(LONGEST_MS, MINUTE_MS + this.#exponential(MORE_MS)),
    );
  }

  #exponential(mean: number): number {
    return -mean * Math.log(1 - this.#random.next());
  }
}
