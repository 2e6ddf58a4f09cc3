import type { Logger } from "../modules/base/logger";
import type { AccessPoint } from "../wifi/access-point";
import type { JoinFailure } from "../wifi/join-round";
import type { Network } from "../wifi/network";
import type { AccessPointInfo } from "../wifi/radio";
import type { SavedNetworks } from "../wifi/saved-networks";
import type { JoinOnceResult } from "../wifi/station-options";
import type { Portal } from "./portal";

/** What setup mode asks of the station; between `start` and `stop` it alone starts and stops it. */
export interface SetupStation {
  readonly failures: readonly JoinFailure[];
  start(): void;
  stop(): void;
  survey(onFound: (found: readonly AccessPointInfo[]) => void): boolean;
  joinOnce(network: Network, onResult: (result: JoinOnceResult) => void): void;
}

/** DNS and HTTP of the portal, from opening to `close`. */
export interface PortalServers {
  close(): void;
}

export interface SetupModeOptions {
  readonly accessPoint: AccessPoint;
  readonly station: SetupStation;
  /** What is saved: the person changes it here, and the station hears of it. */
  readonly networks: Pick<SavedNetworks, "list" | "has" | "add" | "forget" | "moveUp">;
  /** The cloud link, which runs while an attempt has an address. */
  readonly link: { start(): void; stop(): void };
  /** Opens the portal at the access point's address; throws when the stack has no socket. */
  openServers(portal: Portal, address: string): PortalServers;
  /** Station MAC address. */
  readonly mac: string;
  /** "": the device has no identity. */
  readonly deviceId: string;
  readonly firmware: string;
  /** The label's password, or {@link OPEN}. */
  password(): string;
  /** A person says that the device's time is wrong. */
  forgetTime(): void;
  /** An attempt found no network; while it is looked for, once. */
  onJoinFailed(failure: JoinFailure): void;
  /** Id of the first attempt; another one after every boot, so that a page of before does not take ours for its own. */
  readonly firstAttempt: number;
  /** Setup mode wants to end: there is a network to go to. `stop` is the answer. */
  onEnded(): void;
  readonly log: Logger;
}

export type SetupState =
  | "closed"
  /** Looks around for networks and for the channel to open on. */
  | "surveying"
  /** The access point is open. */
  | "open"
  /** As open, and about to end. */
  | "lingering";
