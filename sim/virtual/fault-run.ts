import type { Sight } from "../world/led-observer";
import { type Fault, hidesTime, RECOVERY_MS } from "./faults/fault";
import { LightReferee } from "./light-referee";
import { VirtualWorld, type VirtualWorldOptions } from "./virtual-world";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** How long each fault lasts. */
export const FAULT_MS = 5 * MINUTE_MS;
/** Solid blue for this long is back for good. */
const STEADY_MS = 60_000;
/** By then the backlog and the batch after it are through. */
const DRAIN_MS = 6 * MINUTE_MS;
/** A reading waits at most so long for its batch: 5 min, and what it takes to arrive. */
const BATCH_MS = 5.5 * MINUTE_MS;

/** What a run of one or more faults showed. */
export interface FaultOutcome {
  /** Lights that were not right, in words. */
  readonly violations: readonly string[];
  /** Lights of the last fault's last minute. */
  readonly sights: ReadonlySet<Sight>;
  /** From the end of the last fault until solid blue stayed; undefined: not within the bound. */
  readonly recoveredMs: number | undefined;
  readonly delivered: number;
  readonly duplicates: number;
  /** Readings that never arrived, in words. */
  readonly lost: readonly string[];
  /** Readings whose time was wrong, in words. */
  readonly misdated: readonly string[];
  /** What the broker has of the device at the end. */
  readonly status: string;
  /** Why the cloud was not reached, in the device's words, while the faults lasted. */
  readonly verdicts: ReadonlySet<string>;
  /** Connections that the broker was made to strike. */
  readonly strikes: number;
  /** Timers of the firmware before and after. */
  readonly timers: readonly [number, number];
  readonly trace: readonly string[];
}

/**
 * Runs a fresh world through `faults`: each begins up to two minutes after the one before it and lasts five
 * minutes; after the last end the device must come back and deliver everything.
 */
export function runFaults(options: VirtualWorldOptions, faults: readonly Fault[]): FaultOutcome {
  const world = new VirtualWorld(options);
  const referee = new LightReferee(world);
  const second = (): void => {
    world.run(SECOND_MS);
    referee.look();
  };
  const during = (ms: number, each: () => void = () => {}): void => {
    for (const end = world.time.now() + ms; world.time.now() < end; ) {
      second();
      each();
    }
  };

  world.world.powerOn();
  during(MINUTE_MS + world.random.below(5 * MINUTE_MS));
  const timersBefore = world.firmwareTimers;
  const sights = new Set<Sight>();
  const verdicts = new Set<string>();
  const { onTrace } = world;
  world.onTrace = (line) => {
    onTrace(line);
    const verdict = / cloud: ([a-z0-9-]+) \(.*next attempt/.exec(line)?.[1];
    if (verdict !== undefined) verdicts.add(verdict);
  };
  const end = beginAll(world, faults);
  during(end - MINUTE_MS - world.time.now());
  during(end - world.time.now(), () => {
    if (world.sight) sights.add(world.sight);
  });
  const bound = Math.max(...faults.map((fault) => fault.recoveryMs ?? RECOVERY_MS)) * faults.length;
  const recoveredMs = recover(world, second, bound);
  during(DRAIN_MS);
  return {
    violations: referee.violations,
    sights,
    recoveredMs,
    delivered: world.delivered.size,
    duplicates: [...world.delivered.values()].reduce((sum, times) => sum + times - 1, 0),
    lost: lost(world),
    misdated: hidesTime(faults) ? [] : world.misdated,
    status: statusOf(world),
    verdicts,
    strikes: world.broker.strikes,
    timers: [timersBefore, world.firmwareTimers],
    trace: world.trace,
  };
}

function statusOf({ broker }: VirtualWorld): string {
  for (const [topic, payload] of broker.retained)
    if (topic.endsWith("/status"))
      return new TextDecoder().decode(payload).includes('"online":true') ? "online" : "offline";
  return "none";
}

/** Returns when the last of them ends. */
function beginAll(world: VirtualWorld, faults: readonly Fault[]): number {
  let at = 0;
  let last = 0;
  for (const fault of faults) {
    world.time.set(() => fault.begin(world), at);
    const end = at + (fault.lastsMs ?? FAULT_MS);
    world.time.set(() => fault.end(world), end);
    last = Math.max(last, end);
    at += world.random.below(2 * MINUTE_MS);
  }
  return world.time.now() + last;
}

function recover(world: VirtualWorld, second: () => void, boundMs: number): number | undefined {
  const start = world.time.now();
  let steadySince: number | undefined;
  while (world.time.now() - start <= boundMs + STEADY_MS) {
    second();
    if (world.sight !== "solid blue") steadySince = undefined;
    else steadySince ??= world.time.now();
    if (steadySince !== undefined && world.time.now() - steadySince >= STEADY_MS)
      return Math.max(0, steadySince - start - SECOND_MS);
  }
  return undefined;
}

/**
 * What was taken more than {@link BATCH_MS} ago and never arrived, and gaps in what arrived. A reading whose append the
 * power cut off may be missing; it has no number then.
 */
export function lost(world: VirtualWorld): string[] {
  const words = world.truth
    .absent(world.unixMs - BATCH_MS)
    .map((at) => `taken at ${new Date(at).toISOString()}`);
  const highest = new Map<string, number>();
  for (const key of world.delivered.keys()) {
    const [epoch, seq] = key.split(":") as [string, string];
    highest.set(epoch, Math.max(highest.get(epoch) ?? 0, Number(seq)));
  }
  for (const [epoch, last] of highest)
    for (let seq = 1; seq <= last; seq++)
      if (!world.delivered.has(`${epoch}:${seq}`)) words.push(`${epoch}:${seq}`);
  return words;
}
