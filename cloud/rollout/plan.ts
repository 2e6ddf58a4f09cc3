import { createHash } from "node:crypto";

/** A part of the fleet that gets the release together. */
export interface Stage {
  /** Of all devices, this stage's and those of the stages before it. */
  readonly share: number;
  /** So long it is watched before the next one begins. */
  readonly soakSeconds: number;
}

/** How a fleet gets a release. */
export interface RolloutPlan {
  readonly stages: readonly Stage[];
  /** This share of failures stops it, of a stage or of all that have the offer. */
  readonly mostFailures: number;
  /** The next stage waits until this share of the present one has confirmed. */
  readonly quorum: number;
}

export const USUAL_PLAN: RolloutPlan = {
  stages: [
    { share: 0.01, soakSeconds: 86_400 },
    { share: 0.1, soakSeconds: 86_400 },
    { share: 1, soakSeconds: 0 },
  ],
  mostFailures: 0.02,
  quorum: 0.5,
};

/** What a device has made of the release. */
export type Outcome =
  /** Nothing yet, or it is at it. */
  | "pending"
  /** It runs the release and keeps it. */
  | "confirmed"
  /** It has given it up. */
  | "failed";

export type Verdict =
  /** The stage's time is not over, or too few have confirmed. */
  | "soaking"
  | "stopped"
  /** All have the offer, and each has confirmed or failed. */
  | "done";

/** A rollout as its file keeps it: all that is needed to go on after a restart of the tool. */
export interface Rollout {
  readonly v: 1;
  readonly release: number;
  readonly plan: RolloutPlan;
  /** Every device, in the order in which they get it. */
  readonly devices: readonly string[];
  /** So many of them have the offer. */
  readonly offered: number;
  /** Of the plan, the stage that has the offer; -1 before the first. */
  readonly stage: number;
  /** When that began, Unix seconds. */
  readonly since: number;
  readonly stopped?: { readonly at: number; readonly why: string };
  /** Failures that somebody has looked at and gone on in spite of: they count no longer. */
  readonly excused: readonly string[];
}

/** @throws RangeError for a plan that makes no sense, or a fleet without devices */
export function newRollout(release: number, devices: readonly string[], plan = USUAL_PLAN): Rollout {
  const { stages, mostFailures, quorum } = plan;
  if (devices.length === 0) throw new RangeError("a rollout needs devices");
  if (stages.length === 0 || stages.at(-1)!.share !== 1)
    throw new RangeError("the last stage is all devices");
  stages.forEach(({ share, soakSeconds }, i) => {
    if (!(share > (stages[i - 1]?.share ?? 0) && share <= 1)) throw new RangeError("each stage is larger");
    if (!(soakSeconds >= 0)) throw new RangeError("soakSeconds");
  });
  if (!(mostFailures > 0 && mostFailures <= 1)) throw new RangeError("mostFailures");
  if (!(quorum >= 0 && quorum <= 1)) throw new RangeError("quorum");
  const ordered = orderOf(release, devices);
  return { v: 1, release, plan, devices: ordered, offered: 0, stage: -1, since: 0, excused: [] };
}

/**
 * The devices, each once, by a hash of release and id: nobody is always the first, and the same question has the same
 * answer wherever it is asked.
 */
export function orderOf(release: number, devices: readonly string[]): string[] {
  const keyed = [...new Set(devices)].map((id) => ({
    id,
    key: createHash("sha256").update(`${release} ${id}`).digest("hex"),
  }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ id }) => id);
}

/** How many have the offer at the end of each stage: each has at least one device more, while there are any. */
export function stageSizes(count: number, stages: readonly Stage[]): number[] {
  let before = 0;
  return stages.map(({ share }) => {
    // Shares are decimal: 0.07 of 100 is 7, and not 7.000000000000001.
    before = Math.min(count, Math.max(Math.ceil(Math.round(share * count * 1e6) / 1e6), before + 1));
    return before;
  });
}

export interface Step {
  readonly rollout: Rollout;
  /** Devices that get the offer now. */
  readonly offer: readonly string[];
  /** Devices whose offer is taken back: they have not begun, or are downloading. */
  readonly withdraw: readonly string[];
  readonly verdict: Verdict;
}

/** One look at the fleet. Pure: the same rollout, outcomes and time give the same step. */
export function step(rollout: Rollout, outcomeOf: (deviceId: string) => Outcome, now: number): Step {
  if (rollout.stopped) return { rollout, offer: [], withdraw: [], verdict: "stopped" };
  const why = failing(rollout, outcomeOf);
  if (why !== undefined) return stop(rollout, outcomeOf, why, now);
  const { devices, offered, stage, plan } = rollout;
  if (!mayGoOn(rollout, outcomeOf, now)) {
    const all = offered === devices.length && devices.every((id) => outcomeOf(id) !== "pending");
    return { rollout, offer: [], withdraw: [], verdict: all ? "done" : "soaking" };
  }
  const next = stage + 1;
  const size = stageSizes(devices.length, plan.stages)[next]!;
  return {
    rollout: { ...rollout, stage: next, offered: size, since: now },
    offer: devices.slice(offered, size),
    withdraw: [],
    verdict: "soaking",
  };
}

/** Ends it until {@link resume}; a trial that has begun goes on by itself. */
export function stop(
  rollout: Rollout,
  outcomeOf: (deviceId: string) => Outcome,
  why: string,
  now: number,
): Step {
  if (rollout.stopped) return { rollout, offer: [], withdraw: [], verdict: "stopped" };
  const withdraw = rollout.devices.slice(0, rollout.offered).filter((id) => outcomeOf(id) === "pending");
  return { rollout: { ...rollout, stopped: { at: now, why } }, offer: [], withdraw, verdict: "stopped" };
}

/** Goes on: the stage's offers are made again, its soak begins anew, and what has failed is excused. */
export function resume(rollout: Rollout, outcomeOf: (deviceId: string) => Outcome, now: number): Step {
  const { stopped, ...going } = rollout;
  if (!stopped) return { rollout, offer: [], withdraw: [], verdict: "soaking" };
  const has = rollout.devices.slice(0, rollout.offered);
  return {
    rollout: { ...going, since: now, excused: has.filter((id) => outcomeOf(id) === "failed") },
    offer: has.filter((id) => outcomeOf(id) === "pending"),
    withdraw: [],
    verdict: "soaking",
  };
}

/** Failed and confirmed of the devices `from` to `to`. */
export function countOf(
  { devices, excused }: Rollout,
  outcomeOf: (deviceId: string) => Outcome,
  from: number,
  to: number,
): { devices: number; failed: number; confirmed: number } {
  const pardoned = new Set(excused);
  const counted = devices.slice(from, to).filter((id) => !pardoned.has(id));
  const outcomes = counted.map(outcomeOf);
  return {
    devices: counted.length,
    failed: outcomes.filter((each) => each === "failed").length,
    confirmed: outcomes.filter((each) => each === "confirmed").length,
  };
}

/** Devices before the present stage's. */
export const stageStart = ({ devices, plan, stage }: Rollout): number =>
  stage <= 0 ? 0 : stageSizes(devices.length, plan.stages)[stage - 1]!;

/**
 * Measured by those that have the offer, not by those that have answered: a crash is told sooner than a success, so
 * that the first answers would be the worst.
 */
function failing(rollout: Rollout, outcomeOf: (deviceId: string) => Outcome): string | undefined {
  const { offered, plan } = rollout;
  for (const [from, what] of [
    [0, "all"],
    [stageStart(rollout), "this stage"],
  ] as const) {
    const { devices, failed } = countOf(rollout, outcomeOf, from, offered);
    if (failed > 0 && failed >= plan.mostFailures * devices)
      return `${failed} of ${devices} devices of ${what} have failed`;
  }
  return undefined;
}

function mayGoOn(rollout: Rollout, outcomeOf: (deviceId: string) => Outcome, now: number): boolean {
  const { devices, offered, stage, since, plan } = rollout;
  if (offered === devices.length) return false;
  if (stage < 0) return true;
  if (now - since < plan.stages[stage]!.soakSeconds) return false;
  const present = countOf(rollout, outcomeOf, stageStart(rollout), offered);
  return present.confirmed >= plan.quorum * present.devices;
}

/** @throws Error saying what is wrong */
export function parseRollout(text: string): Rollout {
  const value = JSON.parse(text) as Partial<Rollout> | null;
  const isIds = (list: unknown): boolean =>
    Array.isArray(list) && list.every((each) => typeof each === "string");
  const isCount = (n: unknown, least = 0): boolean => Number.isInteger(n) && (n as number) >= least;
  if (typeof value !== "object" || value?.v !== 1) throw new Error("no rollout of version 1");
  const { release, plan, devices, offered, stage, since, excused, stopped } = value;
  if (!isCount(release, 1) || !isIds(devices) || !isIds(excused) || !isCount(offered))
    throw new Error("release, devices, excused or offered is not as it was written");
  if (!isCount(stage, -1) || !isCount(since)) throw new Error("stage or since is not as it was written");
  if (stopped !== undefined && typeof stopped?.why !== "string") throw new Error("stopped");
  const fresh = newRollout(release!, devices!, plan);
  if (fresh.devices.join() !== devices!.join()) throw new Error("devices are not in their order");
  const sizes = [0, ...stageSizes(devices!.length, fresh.plan.stages)];
  if (sizes[stage! + 1] !== offered) throw new Error("offered does not fit the stage");
  return value as Rollout;
}
