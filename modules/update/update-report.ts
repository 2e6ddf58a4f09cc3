import type { DownloadFailure } from "./fetch/download";
import type { ManifestRefusal } from "./manifest";
import type { OfferFault } from "./offer";
import type { TrialFailure } from "./trial/trial";
import type { TrialWait } from "./trial/trial-watch-options";

export type UpdateState =
  /** Nothing is offered. */
  | "idle"
  /** There is an update, and something speaks against it now. */
  | "waiting"
  | "downloading"
  /** All of it is there, and is read back. */
  | "verifying"
  /** It lies in its slot; the device restarts as soon as nothing speaks against it. */
  | "ready"
  /** The new image runs, and is not confirmed yet. */
  | "trial"
  | "confirmed"
  /** It did not work here: the image before runs again. */
  | "rolled-back"
  /** It is not for this device, or did not come. */
  | "failed";

/** What speaks against an update now. */
export type UpdateWait =
  /** The setting `updates` forbids it. */
  | "off"
  /** The setting `updates` leaves it to a person, who has not asked yet. */
  | "manual"
  | "setup"
  /** The broker is not there. */
  | "offline"
  /** A new broker is on trial. */
  | "broker-trial"
  /** Readings wait for the broker. */
  | "backlog"
  /** A download has failed, or the server was busy. */
  | "pause"
  /** So that not all devices come at once. */
  | "jitter"
  | TrialWait;

/** What went wrong. */
export type UpdateReason =
  | OfferFault
  | ManifestRefusal
  | DownloadFailure
  | TrialFailure
  /** This partition table has no second slot. */
  | "one-slot"
  /** NVS refused what had to be kept. */
  | "storage"
  /** Five downloads have failed. */
  | "attempts";

/** What `update/state` says (docs/protocol.md). */
export interface UpdateReport {
  readonly state: UpdateState;
  /** That is offered, on trial or was tried; `undefined`: none. */
  readonly release: number | undefined;
  /** Of the image that runs. */
  readonly running: number;
  readonly version: string;
  /** Quarters of the download. */
  readonly progress: number;
  readonly reason: UpdateReason | undefined;
  readonly wait: UpdateWait | undefined;
  /** The last crash, in a line. */
  readonly crash: string | undefined;
  /** The highest release that was ever confirmed here; 0: none. */
  readonly confirmed: number;
  readonly updates: string;
}

export function formatUpdateReport({ release, reason, wait, crash, ...all }: UpdateReport): string {
  return JSON.stringify({
    v: 1,
    state: all.state,
    release: release ?? null,
    running: all.running,
    version: all.version,
    progress: all.progress,
    ...(reason !== undefined && { reason }),
    ...(wait !== undefined && { wait }),
    ...(crash !== undefined && { crash }),
    confirmed: all.confirmed,
    updates: all.updates,
  });
}
