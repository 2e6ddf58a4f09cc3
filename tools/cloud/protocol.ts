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

const ROOT = "aerolink/v1/";

export const topicOf = (deviceId: string, name: string): string => `${ROOT}${deviceId}/${name}`;

/** `aerolink/v1/<device id>/<name>` in its parts; `undefined`: none of ours. */
export function parseTopic(topic: string): { deviceId: string; name: string } | undefined {
  if (!topic.startsWith(ROOT)) return undefined;
  const slash = topic.indexOf("/", ROOT.length);
  if (slash <= ROOT.length) return undefined;
  return { deviceId: topic.slice(ROOT.length, slash), name: topic.slice(slash + 1) };
}
