import Timer from "timer";
import type { InternetCheck } from "../modules/network/internet-check";
import { type Cause, type LineCheck, mayBeLine } from "../modules/network/line-check";
import { type BrokerFailure, isBrokerFailure } from "../modules/network/link-diagnosis";
import type { LinkFailure } from "../modules/network/link-failure";
import type { Cancellable, FailedAttempt } from "./cloud-link";
import type { SessionFailure } from "./failure";

/** Why an attempt to reach the broker failed, as far as could be found out. */
export type AttemptFailure = LinkFailure | BrokerFailure | SessionFailure;

export interface AttemptDiagnosisOptions {
  readonly check: Pick<InternetCheck, "run" | "cancel">;
  readonly line: Pick<LineCheck, "run" | "cancel">;
  /** Milliseconds since boot. */
  uptimeMs(): number;
  /** The clock is an estimate: what looks like a wrong validity may be that. */
  isTimeEstimated(): boolean;
  /** The time servers contradict what proved good before: the same. */
  isTimeDisputed(): boolean;
}

/** While the line is surely down, port 443 is asked no more often: it cannot tell more. */
export const CHECK_PAUSE_MS = 300_000;

/**
 * What a failed attempt shows. A connection that had been up, and a refusal by MQTT itself, speak for themselves;
 * for the rest the cloud's port 443 is asked. Silence is asked first whether it is the whole line's.
 */
export class AttemptDiagnosis {
  #options: AttemptDiagnosisOptions;
  #checkedAtMs: number | undefined;

  constructor(options: AttemptDiagnosisOptions) {
    this.#options = options;
  }

  /** `done` is called once, later, unless cancelled. */
  run(
    { reason, wasUp }: FailedAttempt<BrokerFailure | SessionFailure>,
    done: (failure: AttemptFailure, cause: Cause) => void,
  ): Cancellable {
    if (wasUp || !isBrokerFailure(reason)) {
      const timer = Timer.set(() => done(reason, "cloud"), 0);
      return { cancel: () => Timer.clear(timer) };
    }
    const { line, check } = this.#options;
    if (mayBeLine(reason)) {
      const namesSilent = reason === "no-answer" || reason === "no-server";
      line.run(namesSilent, (cause) => this.check(reason, cause, done));
    } else this.check(reason, "cloud", done);
    return {
      cancel: () => {
        line.cancel();
        check.cancel();
      },
    };
  }

  private check(
    reason: BrokerFailure,
    cause: Cause,
    done: (failure: AttemptFailure, cause: Cause) => void,
  ): void {
    const nowMs = this.#options.uptimeMs();
    const checkedAtMs = this.#checkedAtMs;
    if (cause === "line" && checkedAtMs !== undefined && nowMs - checkedAtMs < CHECK_PAUSE_MS)
      return done("no-internet", cause);
    this.#checkedAtMs = nowMs;
    this.#options.check.run(reason, (verdict) => {
      const isOfDates = reason === "expired" || reason === "not-yet-valid";
      if (isOfDates && this.#options.isTimeDisputed()) done("time-disputed", cause);
      else done(isOfDates && this.#options.isTimeEstimated() ? "sntp-blocked" : (verdict ?? reason), cause);
    });
  }
}
