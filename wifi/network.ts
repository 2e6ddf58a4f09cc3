import type { Least } from "./security";

/** A saved network. The settings keep up to {@link MAX_NETWORKS} of them, in the person's order. */
export interface Network {
  /** 1–32 bytes of UTF-8. */
  readonly ssid: string;
  /** Absent: open. */
  readonly password?: string;
  readonly hidden?: boolean;
  readonly allowLegacySecurity?: boolean;
  /** The security that it had when it was saved, where that is no matter of course: it is never joined with less. */
  readonly least?: Least;
}

/** The access point that last led to the cloud: the first one that is tried after a boot. */
export interface LastGood {
  readonly ssid: string;
  readonly bssid: string;
  readonly channel: number;
}

export const MAX_NETWORKS = 4;

/** Throws RangeError for too many. */
export function checkedNetworks(networks: readonly Network[]): readonly Network[] {
  if (networks.length > MAX_NETWORKS) throw new RangeError("networks");
  return networks;
}
