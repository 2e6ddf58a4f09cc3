import Timer from "timer";
import type { InternetCheck } from "../modules/network/internet-check";
import { type BrokerFailure, isBrokerFailure } from "../modules/network/link-diagnosis";
import type { LinkFailure } from "../modules/network/link-failure";
import type { Cancellable, FailedAttempt } from "./cloud-link";
import type { SessionFailure } from "./failure";

/** Why an attempt to reach the broker failed, as far as could be found out. */
export type AttemptFailure = LinkFailure | BrokerFailure | SessionFailure;

export interface AttemptDiagnosisOptions {
  readonly check: Pick<InternetCheck, "run" | "cancel">;
  /** The clock is an estimate: what looks like a wrong validity may be that. */
  isTimeEstimated(): boolean;
  /** The time servers contradict what proved good before: the same. */
  isTimeDisputed(): boolean;
}

/**
 * What a failed attempt shows. A connection that had been up, and a refusal by MQTT itself, speak for themselves;
 * for the rest the cloud's port 443 is asked.
 */
export class AttemptDiagnosis {
  #options: AttemptDiagnosisOptions;

  constructor(options: AttemptDiagnosisOptions) {
    this.#options = options;
  }

  /** `done` is called once, later, unless cancelled. */
  run(
    { reason, wasUp }: FailedAttempt<BrokerFailure | SessionFailure>,
    done: (failure: AttemptFailure) => void,
  ): Cancellable {
    if (wasUp || !isBrokerFailure(reason)) {
      const timer = Timer.set(() => done(reason), 0);
      return { cancel: () => Timer.clear(timer) };
    }
    const { check } = this.#options;
    check.run(reason, (verdict) => {
      const isOfDates = reason === "expired" || reason === "not-yet-valid";
      if (isOfDates && this.#options.isTimeDisputed()) done("time-disputed");
      else done(isOfDates && this.#options.isTimeEstimated() ? "sntp-blocked" : (verdict ?? reason));
    });
    return { cancel: () => check.cancel() };
  }
}
