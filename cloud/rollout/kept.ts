import type { RolloutRow } from "../store/rollouts";
import type { DeviceStates } from "../store/states";
import { outcomeOf } from "./facts";
import type { Outcome, Rollout, Step } from "./plan";

/** As somebody chose devices: all, some, or those with a tag. */
export type Selection =
  | { readonly all: true }
  | { readonly device_ids: readonly string[] }
  | { readonly tag: string };

/** A rollout as the store keeps it: all that is needed to go on after a restart, or in another process. */
export interface KeptRollout {
  readonly v: 1;
  readonly rollout: Rollout;
  readonly manifest: string;
  readonly chosen: Selection;
  /** Chosen, and cannot take it; the first of them. */
  readonly leftOut: readonly { readonly device: string; readonly why: string }[];
  readonly leftOutCount: number;
  readonly createdBy: string;
  /** Devices that are still to be told of the offer, or that there is none any more. */
  readonly untold: Readonly<Record<string, "offer" | "withdraw">>;
}

export type RolloutNow = RolloutRow<KeptRollout>;

/** The row after a step; who is told of it is in the row before anybody is told. */
export function afterStep(
  row: RolloutNow,
  { rollout, offer, withdraw }: Pick<Step, "rollout" | "offer" | "withdraw">,
  { now, ...changes }: { readonly now: number } & Partial<Pick<RolloutNow, "state">>,
): RolloutNow {
  const untold = {
    ...row.body.untold,
    ...Object.fromEntries(offer.map((id) => [id, "offer"] as const)),
    ...Object.fromEntries(withdraw.map((id) => [id, "withdraw"] as const)),
  };
  const body = { ...row.body, rollout, untold };
  return { ...row, ...changes, changedAt: now, untold: Object.keys(untold).length, body };
}

export function afterTelling(row: RolloutNow, told: readonly string[]): RolloutNow {
  const gone = new Set(told);
  const untold = Object.fromEntries(Object.entries(row.body.untold).filter(([id]) => !gone.has(id)));
  return { ...row, untold: Object.keys(untold).length, body: { ...row.body, untold } };
}

/** What its devices have made of it, by what they said last. */
export function outcomesOf(
  { createdAt, body: { rollout } }: RolloutNow,
  states: ReadonlyMap<string, DeviceStates>,
): (id: string) => Outcome {
  const offered = new Set(rollout.devices.slice(0, rollout.offered));
  return (id) => {
    const said = states.get(id)?.update;
    if (!said) return "pending";
    const { value, since } = said;
    // A device does not repeat what nobody whom it trusts has signed.
    const isUnsigned = value.state === "failed" && value.release === null && since >= createdAt;
    return isUnsigned && offered.has(id) ? "failed" : outcomeOf({ update: value }, rollout.release);
  };
}
