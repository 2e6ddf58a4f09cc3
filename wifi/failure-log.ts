import type { Logger } from "../modules/base/logger";
import type { JoinFailure } from "./join-round";

/** Failures kept for diagnostics. */
export const KEPT_FAILURES = 10;
/** How long a network that was disowned from above is left out, unless a person asks. */
export const MARK_MS = 300_000;

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

  /** Logs it in one line and keeps it, in place of an older one of the same network, reason and number. */
  record(failure: JoinFailure): void {
    const { ssid, reason, number, name, rssi } = failure;
    const others = this.#kept.filter(
      (each) => each.ssid !== ssid || each.reason !== reason || each.number !== number,
    );
    this.#kept = [...others.slice(1 - KEPT_FAILURES), failure];
    const strength = rssi === undefined ? undefined : `${rssi} dBm`;
    const details = name && strength ? `${name}, ${strength}` : (name ?? strength);
    this.#log.warn(`${JSON.stringify(ssid)} ${reason}${details ? ` (${details})` : ""}`);
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
}
