import type { SlotState } from "../slots";
import { formatRecord, parseRecord, wholeOf } from "../text-record";

/** How far the trial of an image has come. */
export type TrialState =
  /** It starts with the next boot, or runs. */
  | "running"
  /** It ran, and restarted for a reason that it wrote down beforehand: a command, say. */
  | "left"
  /** It was not confirmed in its time; the image before is the control. */
  | "gave-up"
  /** Its end says nothing of it (power): it may start again at once. */
  | "again"
  /** The image before was not online either: it may start again after ten minutes online. */
  | "undecided"
  /** The image before was online in the same time: it may start once more, an hour later. */
  | "failed-once"
  /** It does not work here. */
  | "rolled-back"
  | "confirmed";

/** Why an image does not work here. */
export type TrialFailure =
  /** It panicked, hung, or restarted without a word. */
  | "crashed"
  /** Twice, an hour apart, it was not online where the image before it was. */
  | "not-online"
  /** Three trials have decided nothing. */
  | "undecided";

/** What of a trial is in NVS, in one write. */
export interface TrialRecord {
  readonly state: TrialState;
  /** Of the image on trial. */
  readonly release: number;
  /** First digits of its SHA-256; a release may be signed anew. */
  readonly image: string;
  /** The release that it is to take over from. */
  readonly from: number;
  /** The lowest release that may run once it is confirmed. */
  readonly floor: number;
  /** Times that it was started. */
  readonly trials: number;
  /** Trials that have failed. */
  readonly failures: number;
  readonly reason?: TrialFailure | undefined;
}

export const MOST_TRIALS = 3;
/** So many failed trials are enough. */
const FAILURES = 2;

/** What a run ended by, as far as it tells of the image that ran. */
export type ResetKind = "power" | "crash" | "software";

const CRASHES: readonly string[] = Object.freeze([
  "panic",
  "interrupt watchdog",
  "task watchdog",
  "other watchdog",
  "CPU lock-up",
]);

const SOFTWARE: readonly string[] = Object.freeze(["restart", "software"]);

/** `reason`: as the board words it. What it does not know is nobody's fault. */
export function resetKindOf(reason: string): ResetKind {
  if (CRASHES.includes(reason)) return "crash";
  return SOFTWARE.includes(reason) ? "software" : "power";
}

export interface BootFacts {
  /** Of the image that runs. */
  readonly release: number;
  readonly runningState: SlotState;
  readonly reset: ResetKind;
}

/** What a boot makes of the record. `undefined`: it is of no image here any more. Pure. */
export function judgeBoot(
  record: TrialRecord,
  { release, runningState, reset }: BootFacts,
): TrialRecord | undefined {
  if (record.release === release) {
    // A cut between "this image stays" and its record leaves a confirmed image with a running trial.
    if (runningState === "valid" || record.state === "confirmed") return { ...record, state: "confirmed" };
    return { ...record, state: "running" };
  }
  if (record.from !== release || record.state === "confirmed") return undefined;
  switch (record.state) {
    case "running":
      return reset === "power" ? startAgain(record) : fails(record, "crashed");
    case "left":
      return startAgain(record);
    default:
      return record;
  }
}

/** The control has ended: `online`, the image before got where the one on trial did not. Pure. */
export function judgeControl(record: TrialRecord, online: boolean): TrialRecord {
  const failures = record.failures + (online ? 1 : 0);
  const next = { ...record, failures };
  if (failures >= FAILURES) return fails(next, "not-online");
  if (record.trials >= MOST_TRIALS) return fails(next, "undecided");
  return { ...next, state: online ? "failed-once" : "undecided" };
}

function startAgain(record: TrialRecord): TrialRecord {
  return record.trials >= MOST_TRIALS ? fails(record, "undecided") : { ...record, state: "again" };
}

const fails = (record: TrialRecord, reason: TrialFailure): TrialRecord => ({
  ...record,
  state: "rolled-back",
  reason,
});

const STATES = Object.freeze(
  {
    running: true,
    left: true,
    "gave-up": true,
    again: true,
    undecided: true,
    "failed-once": true,
    "rolled-back": true,
    confirmed: true,
  } as const satisfies Record<TrialState, true>,
  true,
);
const REASONS = Object.freeze(
  { crashed: true, "not-online": true, undecided: true } as const satisfies Record<TrialFailure, true>,
  true,
);

export function formatTrial(record: TrialRecord): string {
  return formatRecord([
    ["state", record.state],
    ["release", record.release],
    ["image", record.image],
    ["from", record.from],
    ["floor", record.floor],
    ["trials", record.trials],
    ["failures", record.failures],
    ["reason", record.reason],
  ]);
}

/** What lies in flash is as much from outside as any: what is damaged is no trial. */
export function parseTrial(text: string): TrialRecord | undefined {
  const { state, image, reason, ...fields } = parseRecord(text) ?? {};
  const release = wholeOf(fields.release);
  const from = wholeOf(fields.from);
  if (!isOf(STATES, state) || release === undefined || from === undefined || image === undefined)
    return undefined;
  return {
    state,
    release,
    image,
    from,
    floor: wholeOf(fields.floor) ?? 0,
    trials: wholeOf(fields.trials) ?? MOST_TRIALS,
    failures: wholeOf(fields.failures) ?? 0,
    ...(isOf(REASONS, reason) && { reason }),
  };
}

function isOf<Name extends string>(names: Record<Name, true>, name: string | undefined): name is Name {
  return name !== undefined && Object.hasOwn(names, name);
}
