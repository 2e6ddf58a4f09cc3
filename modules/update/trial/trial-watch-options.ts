import type { Logger } from "../../base/logger";
import type { Slots } from "../slots";

/** Records of updates in NVS; each write is whole or not at all. */
export interface UpdateMemory {
  get(key: "updateTrial" | "updateAttempts"): string;
  get(key: "confirmedRelease" | "releaseFloor"): number;
  set(key: string, value: string | number): { readonly ok: boolean };
}

export interface TrialWatchOptions {
  readonly slots: Slots | undefined;
  readonly memory: UpdateMemory;
  /** Of the image that runs. */
  readonly release: number;
  /** As the board words it. */
  readonly resetReason: string;
  uptimeMs(): number;
  inSetup(): boolean;
  /** The trial, or the judgement of one, has moved on. */
  onTrial(): void;
  readonly log: Logger;
}

/** Why an image may not be started now. */
export type TrialWait =
  /** The image that runs is on trial itself. */
  | "on-trial"
  /** It was on trial here; its next trial comes later, or the last one is still being judged. */
  | "trial-pause";
