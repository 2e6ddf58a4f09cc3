import type { JoinFailure } from "../wifi/join-round";

export type AttemptStage =
  /** Associating and asking for an address. */
  | "joining"
  /** An address was got and the network saved; the cloud is being reached. */
  | "connected"
  /** The cloud is reached. */
  | "online"
  /** Not in reach, or it did not answer: tried again for a while, whether or not anybody looks at the page. */
  | "looking"
  /** No address; nothing was saved. */
  | "join-failed"
  /** Saved, and the cloud was not reached: the device goes on trying. */
  | "cloud-failed";

/** One try of a person to put the device on a network; the page follows it by its id. */
export interface Attempt {
  readonly id: number;
  readonly ssid: string;
  readonly stage: AttemptStage;
  readonly joinFailure?: JoinFailure;
  /** A network in reach that may have been meant by a name that was not found. */
  readonly meant?: string | undefined;
  /** The password that is not right begins or ends with a space. */
  readonly spaces?: boolean;
  /** A LinkFailure, or the reason of TLS or MQTT. */
  readonly cloudFailure?: string;
  /** The network was joined and the storage refused to keep it. */
  readonly unsaved?: boolean;
}

/** Nothing more will come of it by itself within seconds. */
export function isSettled({ stage }: Attempt): boolean {
  return stage !== "joining" && stage !== "looking" && stage !== "connected";
}
