// docs/protocol.md as types, for Node. Schemas: docs/schemas/.

export interface CommandResult {
  /** `null`: of a message whose id could not be read. */
  readonly id: string | null;
  readonly ok: boolean;
  readonly error?: string;
  readonly result?: Readonly<Record<string, unknown>>;
}

export interface ReportedConfiguration {
  readonly version: number | null;
  /** Applied last. */
  readonly newest: number | null;
  readonly state: "applied" | "refused" | "trying-broker" | "rolled-back";
  readonly fault?: string;
  readonly errors?: Readonly<Record<string, string>>;
  /** Rolled back: why the new broker was not reached, where that is known. */
  readonly reason?: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface DeviceStatus {
  readonly v: 1;
  readonly online: boolean;
  readonly [member: string]: unknown;
}

export interface UpdateState {
  readonly v: 1;
  readonly state:
    | "idle"
    | "waiting"
    | "downloading"
    | "verifying"
    | "ready"
    | "trial"
    | "confirmed"
    | "rolled-back"
    | "failed";
  /** That is offered, or was tried last; `null`: none. */
  readonly release: number | null;
  /** That runs, and its version. */
  readonly running: number;
  readonly version: string;
  /** Quarters of the image that are there. */
  readonly progress: number;
  /** What went wrong. */
  readonly reason?: string;
  /** What it waits for. */
  readonly wait?: string;
  /** What the last crash was. */
  readonly crash?: string;
  /** The highest release that was confirmed here. */
  readonly confirmed: number;
  readonly updates: "automatic" | "manual" | "off";
}

/** What a device says of its certificate (docs/protocol.md, "Identity"). */
export interface IdentityState {
  readonly v: 1;
  readonly state: "current" | "waiting" | "requested" | "trial" | "refused";
  /** What is on trial. */
  readonly trial?: "certificate" | "authorities";
  /** What it waits for. */
  readonly wait?: string;
  /** Why the last try came to nothing. */
  readonly reason?: string;
  /** Why the last attempt of a trial that failed ended. */
  readonly failure?: string;
  /** Whose certificate it uses. */
  readonly source: "factory" | "renewed";
  /** Unix seconds; `null`: the certificate cannot be read. */
  readonly expires: number | null;
  /** `null`: its clock is not set. */
  readonly daysLeft: number | null;
  /** Of the trust list that it has; 0: none. */
  readonly list: number;
  /** Whether there is a service that renews it. */
  readonly renewal: boolean;
  readonly release: number;
}

/** What topics begin with, where the setting `topicPrefix` says nothing else. */
export const PREFIX = "aerolink/v1/{id}";

export const topicOf = (deviceId: string, name: string, prefix = PREFIX): string =>
  `${prefix.replaceAll("{id}", deviceId)}/${name}`;

/** A topic of {@link topicOf} in its parts; `undefined`: none of ours. Of any prefix that has the device's id in it. */
export function parseTopic(topic: string, prefix = PREFIX): { deviceId: string; name: string } | undefined {
  const [before = "", ...between] = prefix
    .split("{id}")
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  if (between.length === 0) return undefined;
  const pattern = `^${before}(?<deviceId>[^/]+)${between.join("\\k<deviceId>")}/(?<name>.+)$`;
  const { deviceId, name } = new RegExp(pattern).exec(topic)?.groups ?? {};
  return deviceId === undefined || name === undefined ? undefined : { deviceId, name };
}

/** The filter for that topic of all devices: the level with the id may be any. */
export function filterOf(name: string, prefix = PREFIX): string {
  const levels = prefix.split("/").map((level) => (level.includes("{id}") ? "+" : level));
  return `${levels.join("/")}/${name}`;
}
