// What the API answers, as far as the page reads it (GET /api/openapi.json describes all of it).

export interface Me {
  readonly kind: "client" | "person" | "local";
  readonly name: string;
  readonly scopes: readonly string[];
}

export interface DeviceInfo {
  readonly device_id: string;
  readonly mqtt_id: string;
  readonly model: string;
  readonly serial: string;
  readonly metadata: {
    readonly friendlyName: string;
    readonly is_indoor: boolean;
    readonly latitude: number | null;
    readonly longitude: number | null;
  };
  readonly tags?: readonly string[];
}

/** A flat record: its time, and values by name. */
export type Reading = { readonly timestamp: string } & Readonly<Record<string, number | string | null>>;

/** docs/protocol.md, `status`: what a device says of itself, and may be of any firmware. */
export interface DeviceStatus {
  readonly firmware?: string;
  readonly release?: number;
  readonly board?: string;
  readonly boot?: number;
  readonly reset?: string;
  readonly clock?: string;
  readonly sensor?: { readonly model?: string | null; readonly fault?: string | null } | null;
  readonly sensors?: readonly {
    readonly model?: string | null;
    readonly serial?: string | null;
    readonly fault?: string | null;
  }[];
  readonly network?: { readonly rssi?: number | null; readonly channel?: number; readonly address?: string };
  readonly certificate?: { readonly expires: number; readonly daysLeft: number } | null;
  readonly journal?: { readonly pending?: number; readonly dropped?: number };
}

export interface FleetRow {
  readonly device: DeviceInfo;
  readonly online: boolean;
  readonly heard_at: string | null;
  readonly status: DeviceStatus | null;
  readonly latest: Reading | null;
}

export interface StatusAnswer {
  readonly online: boolean;
  readonly received_at: string | null;
  readonly status: DeviceStatus | null;
}

type Column = readonly (number | null)[];

export interface History {
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** Seconds that a point is the mean of; 0: each point is a reading. */
  readonly span: number;
  readonly times: readonly number[];
  readonly values: Readonly<
    Record<string, { readonly mean: Column; readonly least: Column; readonly most: Column }>
  >;
}
