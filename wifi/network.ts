/** A saved network. The settings keep up to {@link MAX_NETWORKS} of them, in the person's order. */
export interface Network {
  /** 1–32 bytes of UTF-8. */
  readonly ssid: string;
  /** Absent: open. */
  readonly password?: string;
  readonly hidden?: boolean;
  readonly allowLegacySecurity?: boolean;
}

/** Where a network was last joined: the fast rejoin tries this first. */
export interface LastGood {
  readonly ssid: string;
  readonly bssid: string;
  readonly channel: number;
}

export const MAX_NETWORKS = 4;
