import type { UpdateReason, UpdateReport, UpdateState, UpdateWait } from "../update-report";
import type { UpdatesOptions } from "../updates-options";
import type { TrialRecord, TrialState } from "./trial";

/** What a record means as long as nothing is offered. */
const RESTING = Object.freeze(
  {
    running: "trial",
    left: "waiting",
    "gave-up": "waiting",
    again: "waiting",
    undecided: "waiting",
    "failed-once": "waiting",
    "rolled-back": "rolled-back",
    confirmed: "confirmed",
  } as const satisfies Record<TrialState, UpdateState>,
  true,
);

/** Where an update stands, as the cloud is told of it. */
export class Standing {
  state: UpdateState = "idle";
  /** What went wrong. */
  reason: UpdateReason | undefined;
  /** What speaks against it now. */
  wait: UpdateWait | undefined;
  quarters = 0;
  #options: UpdatesOptions;

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  enter(state: UpdateState, reason?: UpdateReason, wait?: UpdateWait): void {
    if (state === this.state && reason === this.reason && wait === this.wait) return;
    this.state = state;
    this.reason = reason;
    this.wait = wait;
    this.#options.log.info([state, reason, wait].filter((each) => each !== undefined).join(", "));
    this.#options.onState();
  }

  /** What the record of the last trial says. */
  rest(record: TrialRecord | undefined): void {
    const state = record ? RESTING[record.state] : "idle";
    this.enter(state, record?.reason, state === "waiting" ? "trial-pause" : undefined);
  }

  /** `release`: that is offered, on trial or was tried. */
  report(release: number | undefined): UpdateReport {
    const device = this.#options;
    return {
      state: this.state,
      release,
      running: device.release,
      version: device.firmwareVersion,
      progress: this.quarters,
      reason: this.reason,
      wait: this.wait,
      crash: device.lastCrash(),
      confirmed: device.memory.get("confirmedRelease"),
      updates: device.setting(),
    };
  }

  /** `right` of `blocks` are there. The last quarter is told by the state that follows it. */
  blocksRight(right: number, blocks: number): void {
    const quarters = Math.floor((4 * right) / blocks);
    if (quarters === this.quarters) return;
    this.quarters = quarters;
    if (quarters < 4) this.#options.onState();
  }
}
