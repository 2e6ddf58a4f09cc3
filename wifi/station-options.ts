import type { Logger } from "../modules/base/logger";
import type { ConnectionState } from "./connection";
import type { JoinFailure } from "./join-round";
import type { LastGood, Network } from "./network";
import type { Radio } from "./radio";

export type StationState =
  /** Not wanted: after construction, `stop`, or a failed `joinOnce` on a stopped station. */
  | "stopped"
  /** Wanted, but there is no saved network. */
  | "idle"
  /** Waits for a scan's result. */
  | "scanning"
  /** An attempt, an address, or leaving: the connection has the word. */
  | Exclude<ConnectionState, "idle">
  /** Between rounds. */
  | "waiting"
  /** For good. */
  | "closed";

/** Why an address that `onAddress` gave is of no use any more. */
export type AddressLoss =
  /** The access point disconnected us or went away. */
  | "association-lost"
  /** The lease ran out. */
  | "address-lost"
  /** `reject` was called. */
  | "rejected"
  /** The network was removed from the saved ones or changed, or `joinOnce` tries another. */
  | "replaced"
  /** A better access point is near, or one that has internet. */
  | "moved";

export interface StationAddress {
  readonly ssid: string;
  readonly bssid: string;
  readonly channel: number;
  readonly address: string;
  readonly gateway: string;
  readonly dns: readonly string[];
}

export type JoinOnceResult =
  | { readonly joined: true; readonly at: StationAddress }
  | { readonly joined: false; readonly failure: JoinFailure };

export interface StationOptions {
  /** The station sets its `onEvent`, and does not close it. */
  readonly radio: Radio;
  /** In the person's order; at most MAX_NETWORKS, else RangeError. */
  readonly networks?: readonly Network[];
  readonly lastGood?: LastGood | undefined;
  /** Milliseconds since boot, for failures and marks. */
  readonly uptimeMs: () => number;
  /** 0 ≤ random < 1, for pauses. */
  readonly random: () => number;
  readonly log: Logger;
  /** Whether it may look for a better place while online; default: yes. */
  mayMove?(): boolean;
  /** An address was got; again when a renewed lease differs in address, gateway or servers. */
  onAddress(at: StationAddress): void;
  /** That address is gone; the station goes on by itself. Once for each time online; not on `stop` and `close`. */
  onLost(reason: AddressLoss): void;
  /** The access point led to the cloud: to be saved for the fast rejoin after the next boot. */
  onGood?(lastGood: LastGood): void;
  /** What one of the networks promises by its security has been learned: to be saved in its place. */
  onLearned?(network: Network, learned: Network): void;
  /** A whole round failed: one failure a saved network, in the person's order. The next round follows by itself. */
  onRoundFailed(failures: readonly JoinFailure[]): void;
  /** The radio has not answered anything for some rounds: only a restart can help. */
  onRadioStuck?(): void;
}
