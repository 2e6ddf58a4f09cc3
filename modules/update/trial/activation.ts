import type { SlotState } from "../slots";
import type { UpdatesOptions } from "../updates-options";
import type { TrialRecord } from "./trial";
import type { TrialWatch } from "./trial-watch";

/** Why the image before this one does not start. */
export type NoPrevious =
  | "on-trial"
  /** None is known, or its slot has been written since. */
  | "no-previous"
  /** The release that runs has said when it was confirmed that none as old may run again. */
  | "below-floor"
  | "storage";

type Next = Pick<TrialRecord, "release" | "image" | "floor">;

/** States in which a slot may still hold an image that has run. */
const BOOTABLE: readonly SlotState[] = Object.freeze(["valid", "undefined", "none"]);

/** What the image before this one is, as the trial's record has it. */
export function previousOf(
  { slots, memory, release }: UpdatesOptions,
  { isOnTrial, record }: TrialWatch,
): Next | NoPrevious {
  if (isOnTrial) return "on-trial";
  if (!slots || record?.state !== "confirmed" || record.release !== release || record.from === 0)
    return "no-previous";
  if (!BOOTABLE.includes(slots.otherState())) return "no-previous";
  if (record.from < memory.get("releaseFloor")) return "below-floor";
  return { release: record.from, image: "previous", floor: 0 };
}

/** The other slot starts next, and its trial is written down before. `trials`: counted as so many. */
export function activate(
  device: UpdatesOptions,
  trial: TrialWatch,
  next: Next,
  trials?: number,
): "storage" | "bad-image" | "flash" | undefined {
  const before = trial.record;
  const isKept = trial.begin(next, trials);
  const result = isKept ? device.slots!.activate() : "storage";
  if (result !== "ok") {
    trial.forget(before);
    return result;
  }
  device.restart(`release ${next.release} on trial`);
  return undefined;
}
