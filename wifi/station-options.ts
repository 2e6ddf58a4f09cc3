import type { BackoffOptions } from "../modules/base/backoff";
import type { Logger } from "../modules/base/logger";
import type { JoinFailure } from "./join-round";
import type { LastGood, Network } from "./network";
import type { Radio } from "./radio";

/** Why an address that `onAddress` gave is of no use any more. */
export type AddressLoss =
  /** The access point disconnected us or went away. */
  | "association-lost"
  /** The lease ran out. */
  | "address-lost"
  /** `reject` was called. */
  | "rejected"
  /** The network was removed from the saved ones or changed, or `joinOnce` tries another. */
  | "replaced";

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
  /** 0 ≤ random < 1, for the backoff. */
  readonly random: () => number;
  readonly backoff?: BackoffOptions;
  readonly log?: Logger;
  /** An address was got; again when a renewed lease differs in address, gateway or servers. */
  onAddress(at: StationAddress): void;
  /** That address is gone; the station goes on by itself. Once for each time online; not on `stop` and `close`. */
  onLost(reason: AddressLoss): void;
  /** Where the address was got: to be saved for the fast rejoin after the next boot. */
  onJoined?(lastGood: LastGood): void;
  /** A whole round failed: one failure a saved network, in the person's order. The next round follows by itself. */
  onRoundFailed(failures: readonly JoinFailure[]): void;
  /** The radio has not answered anything for SILENT_ROUNDS rounds: only a restart can help. */
  onRadioStuck?(): void;
}
