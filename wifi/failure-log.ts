import type { Logger } from "../modules/base/logger";
import type { Candidate } from "./candidates";
import { diagnoseJoin, type JoinFailureReason } from "./join-failure";
import type { JoinFailure } from "./join-round";
import type { Network } from "./network";
import type { Security } from "./radio";
import { describeReason } from "./reason-codes";

/** Failures kept for diagnostics. */
const KEPT_FAILURES = 10;
/** How long a network that was disowned from above is left out, unless its credentials change. */
export const MARK_MS = 300_000;
/** What the driver says of an access point whose security is below the threshold. */
const UNFIT = 211;

/** The last failures, each kind of each network once, and the marks of networks that are left out for a while. */
export class FailureLog {
  #log: Logger;
  #kept: JoinFailure[] = [];
  #marks: JoinFailure[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Oldest first. */
  get kept(): readonly JoinFailure[] {
    return this.#kept;
  }

  /** An attempt failed. */
  failed(
    { network: { ssid }, rssi: seen }: Candidate,
    reason: JoinFailureReason,
    uptimeMs: number,
    { number, rssi = seen }: { readonly number?: number; readonly rssi?: number } = {},
  ): JoinFailure {
    return this.record({
      ssid,
      reason,
      ...(number !== undefined && { number, name: describeReason(number) }),
      ...(rssi !== undefined && { rssi }),
      uptimeMs,
    });
  }

  /** There was nothing to attempt: out of reach, or in reach with this security alone, which does not do. */
  missing({ ssid, password }: Network, security: Security | undefined, uptimeMs: number): JoinFailure {
    const evidence = { phase: "associating", number: UNFIT, hasPassword: password !== undefined } as const;
    const reason = security === undefined ? "not-found" : diagnoseJoin({ ...evidence, security });
    return this.record({ ssid, reason, uptimeMs });
  }

  /** The network of this failure is to be left out for MARK_MS. */
  mark(failure: JoinFailure): void {
    this.#marks = [...this.#marks.filter((each) => each.ssid !== failure.ssid), failure];
  }

  marks(uptimeMs: number): readonly JoinFailure[] {
    this.#marks = this.#marks.filter((each) => uptimeMs - each.uptimeMs < MARK_MS);
    return this.#marks;
  }

  clearMarks(): void {
    this.#marks = [];
  }

  /** Logs it in one line and keeps it, in place of an older one of the same network, reason and number. */
  private record(failure: JoinFailure): JoinFailure {
    const { ssid, reason, number, name, rssi } = failure;
    const others = this.#kept.filter(
      (each) => each.ssid !== ssid || each.reason !== reason || each.number !== number,
    );
    this.#kept = [...others.slice(1 - KEPT_FAILURES), failure];
    const strength = rssi === undefined ? undefined : `${rssi} dBm`;
    const details = name && strength ? `${name}, ${strength}` : (name ?? strength);
    this.#log.warn(`${JSON.stringify(ssid)} ${reason}${details ? ` (${details})` : ""}`);
    return failure;
  }
}
