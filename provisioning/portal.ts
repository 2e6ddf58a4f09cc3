import type { JoinFailure } from "../wifi/join-round";
import type { Network } from "../wifi/network";
import type { Attempt } from "./attempt";
import type { ListedNetwork } from "./network-list";

/** What the pages show. */
export interface PortalView {
  /** "": the device has no identity. */
  readonly deviceId: string;
  /** Of the station: what a router's filter must admit. */
  readonly mac: string;
  readonly firmware: string;
  /** Name of the access point. */
  readonly accessPoint: string;
  /** The access point's address. */
  readonly address: string;
  readonly networks: readonly ListedNetwork[];
  /** Networks that the list has no room for. */
  readonly more: number;
  readonly searching: boolean;
  /** Names of the saved networks, in the person's order. */
  readonly saved: readonly string[];
  /** The last failure of the saved networks, from before or during setup. */
  readonly lastFailure: JoinFailure | undefined;
  /** Why the cloud was not reached before setup: a LinkFailure, or the reason of TLS or MQTT. */
  readonly lastCloudFailure: string | undefined;
  readonly attempt: Attempt | undefined;
}

/** What a person can do on the pages. */
export interface Portal {
  view(): PortalView;
  /** Starts an attempt in place of a running one, and returns its id. `undefined`: four networks are saved already. */
  join(network: Network): number | undefined;
  /** The same with the name that was meant and what was typed otherwise. `undefined`: none was. */
  joinMeant(): number | undefined;
  forget(ssid: string): void;
  moveUp(ssid: string): void;
  /** The clock's bounds are those of a new device: what was wrongly signed does not hold any more. */
  forgetTime(): void;
  /** Looks for networks again. */
  search(): void;
  /** Ends setup mode soon. False: it stays, since there is no saved network to go back to. */
  finish(): boolean;
  /** Somebody looks at a page, or sent a form. */
  visited(): void;
}
