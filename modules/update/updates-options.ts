import type { Logger } from "../base/logger";
import type { Socket } from "../network/socket";
import type { SignatureCheck } from "../signed/crypto";
import type { AttemptsOptions } from "./attempts";
import type { FetchCallbacks } from "./fetch/http-get-options";
import type { Slots } from "./slots";
import type { TrialWatchOptions } from "./trial/trial-watch-options";
import type { UpdateWait } from "./update-report";

/** The device, as updates see it. What ends a trial comes back as {@link TrialWatchOptions.onTrial}. */
export interface UpdatesOptions extends TrialWatchOptions, AttemptsOptions {
  readonly slots: Slots | undefined;
  readonly signatures: SignatureCheck;
  readonly firmwareVersion: string;
  readonly boardId: string;
  readonly updateKeys: readonly string[];
  /** The owner's will. */
  setting(): string;
  /** By a synced clock alone. */
  syncedUnixMs(): number | undefined;
  /** Signed evidence: it is later than this. */
  evidence(unixMs: number): void;
  /** 0 ≤ random < 1. */
  random(): number;
  /** What in the rest of the device speaks against an update now. */
  busy(): Extract<UpdateWait, "setup" | "offline" | "broker-trial" | "backlog"> | undefined;
  /** Bytes of RAM; `undefined`: the platform does not tell. */
  freeHeap(): number | undefined;
  /** The connection to the broker makes room for the download's, or comes back. */
  holdLink(holds: boolean): void;
  host(): string;
  openTls(callbacks: FetchCallbacks): Socket;
  lastCrash(): string | undefined;
  /** Restarts once the broker has what it is owed. */
  restart(reason: string): void;
  /** What `update/state` says is another thing now. */
  onState(): void;
  readonly log: Logger;
}
