import type { UpdateReason, UpdateState, UpdateWait } from "./update-report";
import type { UpdatesOptions } from "./updates-options";

/** Where an update stands, as the cloud is told of it. */
export class Standing {
  state: UpdateState = "idle";
  /** What went wrong. */
  reason: UpdateReason | undefined;
  /** What speaks against it now. */
  wait: UpdateWait | undefined;
  quarters = 0;
  #options: Pick<UpdatesOptions, "log" | "onState">;

  constructor(options: Pick<UpdatesOptions, "log" | "onState">) {
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

  /** `right` of `blocks` are there. The last quarter is told by the state that follows it. */
  blocksRight(right: number, blocks: number): void {
    const quarters = Math.floor((4 * right) / blocks);
    if (quarters === this.quarters) return;
    this.quarters = quarters;
    if (quarters < 4) this.#options.onState();
  }
}
