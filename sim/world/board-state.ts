import type { Status } from "../../modules/device/status";
import type { ClockQuality } from "../../modules/time/clock";
import type { CloudLinkState } from "../../mqtt/cloud-link";

/** A failure by the firmware's own words. */
export interface BoardFault {
  readonly reason: string;
  /** What lies behind it, where it tells more. */
  readonly detail?: string;
}

/**
 * What the firmware knows of its way to the cloud, read from its parts and not from its log: the log is for people, and
 * a person may turn it down.
 */
export interface BoardState {
  /** Number of the boot. */
  readonly boot: number;
  /** Absent before the first. */
  readonly status?: Status;
  /** There is an address. */
  readonly joined: boolean;
  /** Why the last join failed; absent once one succeeded. */
  readonly join?: BoardFault;
  readonly link: CloudLinkState;
  /** Connections to the broker that were accepted since the boot. */
  readonly connects: number;
  /** Why the cloud was not reached the last time; absent once it was, or on another network. */
  readonly fault?: BoardFault;
  readonly clock: ClockQuality;
  /** Why no time server gave the time; absent once one did. */
  readonly time?: BoardFault;
  /** A name or time server has answered on this network lately: it leads somewhere. */
  readonly heard: boolean;
  /** Failures since the boot. */
  readonly failures: number;
}
